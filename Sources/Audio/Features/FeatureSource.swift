import Tensor

/// Features by the file: stored or computed when asked for, the same numbers either way.
public protocol FeatureSource: Sendable {
  /// What the frames hold, and how often they come.
  var format: FeatureFormat { get }
  /// The number of frames of a file.
  ///
  /// - Parameter name: The relative path by which the manifest names it.
  func frames(of name: String) throws -> Int
  /// Some frames of a file's features, `[frames, width]`, as they are in those of the whole file.
  ///
  /// Traps when `frames` reaches beyond the file.
  func features(of name: String, frames: Range<Int>) throws -> Tensor
}

extension FeatureSource {
  /// The features of a whole file, `[frames, width]`.
  public func features(of name: String) throws -> Tensor {
    try features(of: name, frames: 0..<frames(of: name))
  }

  /// Hands over the features of a whole file in blocks of about 4 MB.
  func forEachBlock(of name: String, _ take: (Tensor) throws -> Void) throws {
    let (count, length) = (try frames(of: name), max(1, (1 << 20) / format.width))
    for first in stride(from: 0, to: count, by: length) {
      try take(features(of: name, frames: first..<min(count, first + length)))
    }
  }
}

/// What the frames of a source hold, and how often they come.
public struct FeatureFormat: Sendable, Equatable, CustomStringConvertible {
  /// What was computed.
  public let kind: FeatureKind
  /// Sample rate of the audio that it was computed from, Hz.
  public let sampleRate: Int
  /// Samples from one frame to the next.
  public let hopLength: Int
  /// Numbers in a frame.
  public let width: Int

  /// What a front end of this kind gives.
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
