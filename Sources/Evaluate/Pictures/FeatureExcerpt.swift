import Audio
import Foundation
import Tensor

/// A stretch of an audio file that pictures are made of.
///
/// Its frames are those of the whole file: front ends are given what lies around the stretch, too. A file's
/// length costs no memory: only the stretch is decoded, in parts, and of more frames than a picture has
/// columns the greatest value in each column is kept.
public struct FeatureExcerpt {
  private let file: MeasuredFile
  private let sampleRate: Int
  private let start: Double
  private let seconds: Double

  /// Finds the stretch.
  ///
  /// - Parameters:
  ///   - path: The audio file.
  ///   - start: Where the stretch begins, seconds.
  ///   - seconds: How long it is; to the end of the file unless given, and never past it.
  ///   - sampleRate: The file is resampled to it, Hz.
  /// - Throws: `AudioError` when the file is broken, or ends before `start`.
  public init(
    of path: String, from start: Double = 0, seconds: Double? = nil, sampleRate: Int
  ) throws(AudioError) {
    file = try MeasuredFile(path)
    let length = Double(file.count(at: sampleRate)) / Double(sampleRate)
    guard start < length else { throw .tooShort(path: path, seconds: length, minimum: start) }
    (self.sampleRate, self.start) = (sampleRate, start)
    self.seconds = min(seconds ?? .infinity, length - start)
  }

  /// A picture of features.
  ///
  /// - Parameters:
  ///   - kind: The kind of feature.
  ///   - frameRate: Frames per second; the kind's own unless given.
  ///   - title: The title of the picture.
  /// - Throws: `FeatureError` when the rates do not fit; `PlotError.noFrames`; `AudioError` when the stretch
  ///   is broken.
  public func picture(
    _ kind: FeatureKind, frameRate: Double? = nil, title: String
  ) throws -> FeaturePicture {
    let frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    let frames = try frames(of: frontEnd)
    let columns = ColorScale(of: kind).isAscending ? PictureDrawing.most.columns : frames.count
    return FeaturePicture(
      of: try peaks(of: frontEnd, frames, columns: columns), kind, by: frontEnd,
      frames: frames.count, from: Double(frames.lowerBound) / frontEnd.frameRate, title: title)
  }

  /// A picture of `|STFT|²` under windows of 2048 samples.
  ///
  /// - Parameters:
  ///   - frameRate: Frames per second, 75 unless given; rounded to a whole hop.
  ///   - title: The title of the picture.
  /// - Throws: `PlotError`; `AudioError` when the stretch is broken.
  public func spectrogram(frameRate: Double? = nil, title: String) throws -> FeaturePicture {
    let hop = (Double(sampleRate) / (frameRate ?? 75)).rounded()
    guard hop >= 1, hop < 1e9 else {
      throw PlotError.frameRate(frameRate ?? 75, sampleRate: sampleRate)
    }
    let transform = STFT(fftLength: 2048, windowLength: 2048, hopLength: Int(hop))
    let spectrogram = Spectrogram(transform, sampleRate: sampleRate)
    let frames = try frames(of: spectrogram)
    return FeaturePicture(
      ofPower: try peaks(of: spectrogram, frames, columns: PictureDrawing.most.columns),
      sampleRate: sampleRate, hopLength: Int(hop), frames: frames.count,
      from: Double(frames.lowerBound) / spectrogram.frameRate, title: title)
  }
}

// MARK: - Frames

extension FeatureExcerpt {
  /// About how many frames are computed at once.
  private static let partFrames = 1 << 14

  /// The frames of the stretch.
  private func frames(of frontEnd: any FrontEnd) throws(PlotError) -> Range<Int> {
    let rate = frontEnd.frameRate
    let first = Int((start * rate).rounded())
    let count = max(1, Int((seconds * rate).rounded()))
    let end = min(
      first + count, frontEnd.frameCount(samples: file.count(at: frontEnd.sampleRate)))
    guard first < end else { throw .noFrames }
    return first..<end
  }

  /// At most so many columns, `[columns, width]`: each has the greatest values of its share of the frames.
  private func peaks(
    of frontEnd: any FrontEnd, _ frames: Range<Int>, columns most: Int
  ) throws -> Tensor {
    let columns = min(most, frames.count)
    let part = max(1, Self.partFrames * columns / frames.count)
    var peaks: [Float] = []
    peaks.reserveCapacity(columns * frontEnd.width)
    for first in stride(from: 0, to: columns, by: part) {
      let shares = (first..<min(first + part, columns)).map {
        FeaturePicture.share($0, of: frames.count, in: columns)
      }
      let start = frames.lowerBound + shares[0].lowerBound
      let features = try frontEnd.features(
        of: file, frames: start..<frames.lowerBound + shares.last!.upperBound)
      for share in shares {
        let rows = share.lowerBound - shares[0].lowerBound..<share.upperBound - shares[0].lowerBound
        peaks += features.sliced(axis: 0, rows).peaks()
      }
    }
    return Tensor(peaks, shape: [columns, frontEnd.width])
  }
}

extension Tensor {
  /// The greatest number of each column of `[rows, width]`.
  fileprivate func peaks() -> [Float] {
    let width = shape[1]
    return read { values in
      var peaks = Array(values[..<width])
      for row in 1..<max(1, shape[0]) {
        for column in 0..<width {
          let value = values[row * width + column]
          if value > peaks[column] { peaks[column] = value }
        }
      }
      return peaks
    }
  }
}

/// What keeps a picture from being drawn.
public enum PlotError: Error, Equatable, CustomStringConvertible {
  /// A frame would be no whole number of samples.
  case frameRate(Double, sampleRate: Int)
  /// The stretch is shorter than a frame.
  case noFrames

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .frameRate(let frameRate, let sampleRate):
      "\(frameRate) frames per second cannot be had at \(sampleRate) Hz; choose fewer"
    case .noFrames: "the stretch is shorter than one frame; choose a longer one"
    }
  }
}
