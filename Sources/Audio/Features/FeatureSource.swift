import Tensor

/// Features of the files of a collection, either stored or computed on request; the numbers are the
/// same.
public protocol FeatureSource: Sendable {
  /// The kind and rate of the features.
  var format: FeatureFormat { get }
  /// The number of frames of a file.
  ///
  /// - Parameter name: The path in the manifest, relative to its root.
  func frames(of name: String) throws -> Int
  /// A range of frames of a file, `[frames, width]`; equal to the same frames of the whole file.
  ///
  /// - Traps when: `frames` is not within the file.
  func features(of name: String, frames: Range<Int>) throws -> Tensor
}

extension FeatureSource {
  /// The features of a whole file, `[frames, width]`.
  public func features(of name: String) throws -> Tensor {
    try features(of: name, frames: 0..<frames(of: name))
  }

  /// Calls `take` with the features of a whole file, in blocks of about 4 MB.
  func forEachBlock(of name: String, _ take: (Tensor) throws -> Void) throws {
    let (count, length) = (try frames(of: name), max(1, (1 << 20) / format.width))
    for first in stride(from: 0, to: count, by: length) {
      try take(features(of: name, frames: first..<min(count, first + length)))
    }
  }
}

/// The kind and rate of the features of a source.
public struct FeatureFormat: Sendable, Equatable, CustomStringConvertible {
  /// The front end.
  public let kind: FeatureKind
  /// The sample rate of the audio, Hz.
  public let sampleRate: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  /// The number of features of one frame.
  public let width: Int

  /// The format of a front end.
  public init(of kind: FeatureKind, by frontEnd: any FrontEnd) {
    self.init(
      kind: kind, sampleRate: frontEnd.sampleRate, hopLength: frontEnd.hopLength,
      width: frontEnd.width)
  }

  init(kind: FeatureKind, sampleRate: Int, hopLength: Int, width: Int) {
    self.kind = kind
    self.sampleRate = sampleRate
    self.hopLength = hopLength
    self.width = width
  }

  /// Frames per second.
  public var frameRate: Double { Double(sampleRate) / Double(hopLength) }

  /// `cqt336 of 24000 Hz with a hop of 320 samples`
  public var description: String {
    "\(kind.rawValue) of \(sampleRate) Hz with a hop of \(hopLength) samples"
  }
}
