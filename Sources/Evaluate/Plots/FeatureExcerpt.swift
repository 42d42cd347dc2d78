import Audio
import Foundation
import Tensor

/// A stretch of an audio file that pictures are made of.
///
/// Its frames are those of the whole file: front ends are given what lies around the stretch, too.
public struct FeatureExcerpt {
  /// More than the longest window of any front end reaches to either side, seconds.
  private static let context = 2.0

  private let samples: [Float]
  private let sampleRate: Int
  private let start: Double
  private let seconds: Double

  /// Decodes a file.
  ///
  /// - Parameters:
  ///   - start: Where the stretch begins, seconds.
  ///   - seconds: How long it is; to the end of the file unless given, and never past it.
  ///   - sampleRate: The file is resampled to it, Hz.
  /// - Throws: `AudioError` when the file is broken, or ends before `start`.
  public init(
    of path: String, from start: Double = 0, seconds: Double? = nil, sampleRate: Int
  ) throws(AudioError) {
    samples = try AudioFile.decode(path, sampleRate: sampleRate)
    let length = Double(samples.count) / Double(sampleRate)
    guard start < length else { throw .tooShort(path: path, seconds: length, minimum: start) }
    (self.sampleRate, self.start) = (sampleRate, start)
    self.seconds = min(seconds ?? .infinity, length - start)
  }

  /// A picture of features.
  ///
  /// - Parameter frameRate: Frames per second; the kind's own unless given.
  /// - Throws: `FeatureError` when the rates do not fit; `PlotError.noFrames`.
  public func picture(
    _ kind: FeatureKind, frameRate: Double? = nil, title: String
  ) throws -> FeaturePicture {
    let frontEnd = try kind.frontEnd(sampleRate: sampleRate, frameRate: frameRate)
    let (features, start) = try frames(hopLength: frontEnd.hopLength) { frontEnd($0) }
    return FeaturePicture(of: features, kind, by: frontEnd, from: start, title: title)
  }

  /// A picture of `|STFT|²` under windows of 2048 samples.
  ///
  /// - Parameter frameRate: Frames per second, 75 unless given; rounded to a whole hop.
  /// - Throws: `PlotError.frameRate`.
  public func spectrogram(frameRate: Double? = nil, title: String) throws -> FeaturePicture {
    let hop = (Double(sampleRate) / (frameRate ?? 75)).rounded()
    guard hop >= 1, hop < 1e9 else {
      throw PlotError.frameRate(frameRate ?? 75, sampleRate: sampleRate)
    }
    let transform = STFT(fftLength: 2048, windowLength: 2048, hopLength: Int(hop))
    let (power, start) = try frames(hopLength: Int(hop)) { transform.power($0) }
    return FeaturePicture(
      ofPower: power, sampleRate: sampleRate, hopLength: Int(hop), from: start, title: title)
  }

  /// The frames of the stretch, and when the first of them is.
  private func frames(
    hopLength: Int, _ transform: ([Float]) -> Tensor
  ) throws(PlotError) -> (features: Tensor, start: Double) {
    let rate = Double(sampleRate) / Double(hopLength)
    let first = Int((start * rate).rounded())
    let count = max(1, Int((seconds * rate).rounded()))
    let margin = Int((Self.context * rate).rounded(.up))
    let from = max(0, first - margin)
    let end = min(samples.count, (first + count + margin) * hopLength)
    let features = transform(Array(samples[min(from * hopLength, end)..<end]))
    let rows = first - from..<min(first - from + count, features.shape[0])
    guard !rows.isEmpty else { throw .noFrames }
    return (features.sliced(axis: 0, rows), Double(first) / rate)
  }
}

/// What keeps a picture from being drawn.
public enum PlotError: Error, Equatable, CustomStringConvertible {
  /// A frame would be no whole number of samples.
  case frameRate(Double, sampleRate: Int)
  /// The stretch is shorter than a frame.
  case noFrames

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .frameRate(let frameRate, let sampleRate):
      "\(frameRate) frames per second cannot be had at \(sampleRate) Hz; choose fewer"
    case .noFrames: "the stretch is shorter than one frame; choose a longer one"
    }
  }
}
