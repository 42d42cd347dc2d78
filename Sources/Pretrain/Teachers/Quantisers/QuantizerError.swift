import Settings

/// Why a quantiser could not be fitted.
public enum QuantizerError: Error, Equatable, CustomStringConvertible {
  /// There are fewer frames than codes.
  case tooFewFrames(frames: Int, codes: Int)
  /// A feature is NaN or infinite.
  case notFinite(frame: Int, channel: Int)
  /// All frames are equal.
  case constant
  /// The loss of a step is not finite.
  case diverged(step: Int)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .tooFewFrames(let frames, let codes):
      "quantiser: \(frames) frames cannot make \(codes) codes; give more audio or lower codes"
    case .notFinite(let frame, let channel):
      "quantiser: channel \(channel) of frame \(frame) is not a finite number; check the features of this "
        + "audio"
    case .constant:
      "quantiser: all frames are equal, so there is nothing to tell apart; is all of the audio silent?"
    case .diverged(let step):
      "quantiser: its loss is not finite at step \(step); lower its learningRate"
    }
  }
}
