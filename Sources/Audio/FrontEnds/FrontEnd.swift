import Tensor

/// A fixed map from samples to frames of features: what a teacher or a probe sees.
///
/// It works on one thread, so that a caller may run many files at once.
public protocol FrontEnd: Sendable {
  /// The rate it expects, Hz.
  var sampleRate: Int { get }
  /// Features of one frame.
  var width: Int { get }
  /// Samples from one frame to the next.
  var hopLength: Int { get }
  /// The features of mono samples at `sampleRate`, `[frames, width]`.
  func callAsFunction(_ samples: [Float]) -> Tensor
}

extension FrontEnd {
  /// Frames per second.
  public var frameRate: Double { Double(sampleRate) / Double(hopLength) }
}

/// The hop that gives `frameRate` frames per second.
/// - Traps when: it is no whole number of samples.
func wholeHop(_ frontEnd: String, sampleRate: Int, frameRate: Double) -> Int {
  let hop = Double(sampleRate) / frameRate
  precondition(
    hop >= 1 && hop == hop.rounded(),
    "\(frontEnd): \(frameRate) frames per second is no whole number of samples at \(sampleRate) Hz")
  return Int(hop)
}
