import Audio
import Foundation
import Tensor

/// A picture of features over time, with axes, a colour bar and a title: people look before they read.
public struct FeaturePicture {
  let title: String
  let subtitle: String
  let axis: BinAxis
  let scale: ColorScale
  /// Seconds from the start of the file, from the first frame to past the last.
  let time: ClosedRange<Double>
  /// Columns of `values`: frames, or shares of them.
  let frames: Int
  let bins: Int
  /// `[frames, bins]`, as they are coloured.
  let values: [Float]

  /// A picture of a front end's features.
  ///
  /// - Parameters:
  ///   - features: `[frames, width]`, at least one frame.
  ///   - kind: What they are.
  ///   - frontEnd: What computes the features.
  ///   - frames: How many frames `features` stands for, if it holds the greatest of each of several.
  ///   - start: When the first frame is, seconds.
  ///   - title: The title of the picture.
  /// - Traps when: they are not the front end's, or there is no frame.
  public init(
    of features: Tensor, _ kind: FeatureKind, by frontEnd: any FrontEnd, frames: Int? = nil,
    from start: Double = 0, title: String
  ) {
    self.init(
      features, count: frames, frameRate: frontEnd.frameRate, sampleRate: frontEnd.sampleRate,
      start: start, axis: .axis(of: frontEnd), scale: ColorScale(of: kind), title: title,
      name: kind.rawValue)
  }

  /// A picture of a power spectrogram, `|STFT|²`.
  ///
  /// - Parameters:
  ///   - power: `[frames, bins]`, from 0 Hz to half the sample rate.
  ///   - sampleRate: Hz.
  ///   - hopLength: Samples from one frame to the next.
  ///   - frames: As above.
  ///   - start: When the first frame is, seconds.
  ///   - title: The title of the picture.
  /// - Traps when: there is no frame.
  public init(
    ofPower power: Tensor, sampleRate: Int, hopLength: Int, frames: Int? = nil,
    from start: Double = 0, title: String
  ) {
    self.init(
      power, count: frames, frameRate: Double(sampleRate) / Double(hopLength),
      sampleRate: sampleRate, start: start,
      axis: .frequencies(bins: power.shape[1], sampleRate: sampleRate),
      scale: ColorScale(.power, "dB under the loudest"), title: title, name: "spectrogram")
  }

  private init(
    _ features: Tensor, count: Int?, frameRate: Double, sampleRate: Int, start: Double,
    axis: BinAxis, scale: ColorScale, title: String, name: String
  ) {
    precondition(
      features.rank == 2 && features.elementCount > 0,
      "FeaturePicture: needs [frames, width] with something in it, got \(features.shape)")
    (self.title, self.axis, self.scale) = (title, axis, scale)
    (frames, bins) = (features.shape[0], features.shape[1])
    time = start...start + Double(count ?? frames) / frameRate
    values = scale.measured(features.scalars, width: bins)
    let rates = "\(Wording.grouped(sampleRate)) Hz, \(Self.plain(frameRate)) frames/s"
    subtitle = "\(name), \(bins) bins · \(rates)"
  }

  /// Without decimals if there are none.
  private static func plain(_ rate: Double) -> String {
    rate == rate.rounded() ? Wording.grouped(Int(rate)) : Wording.significant(rate)
  }

  /// The picture as an SVG file, which holds the raster as PNG.
  public var svg: String { PictureDrawing(self).markup.source }
}

// MARK: - Raster

extension FeaturePicture {
  /// The values as pixels, high bins above: at most so many columns and rows, of each of which the
  /// greatest value shows, so that no onset and no thin partial is lost.
  func raster(columns: Int, rows: Int) -> IndexedImage {
    let (width, height) = (min(columns, frames), min(rows, bins))
    let range = scale.range(of: values)
    var pixels = [UInt8](repeating: 0, count: width * height)
    for row in 0..<height {
      let bins = Self.share(height - 1 - row, of: self.bins, in: height)
      for column in 0..<width {
        let value = peak(Self.share(column, of: frames, in: width), bins)
        pixels[row * width + column] = Self.index(of: value, in: range)
      }
    }
    return IndexedImage(width: width, height: height, pixels: pixels)
  }

  /// Which of `count` things fall to one of so many pieces.
  static func share(_ index: Int, of count: Int, in pieces: Int) -> Range<Int> {
    count * index / pieces..<count * (index + 1) / pieces
  }

  /// Of deviations the one farthest from the middle.
  private func peak(_ frames: Range<Int>, _ bins: Range<Int>) -> Float {
    var peak = values[frames.lowerBound * self.bins + bins.lowerBound]
    for frame in frames {
      for bin in bins {
        let value = values[frame * self.bins + bin]
        if scale.isFarther(value, than: peak) { peak = value }
      }
    }
    return peak
  }

  private static func index(of value: Float, in range: ClosedRange<Float>) -> UInt8 {
    let place = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    return place.isNaN ? 0 : UInt8((min(max(place, 0), 1) * 255).rounded())
  }
}
