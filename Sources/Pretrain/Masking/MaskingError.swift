/// Why no mask could be drawn.
public enum MaskingError: Error, Equatable, CustomStringConvertible {
  /// The recipe's numbers make no mask.
  case unusable(SpanMask.Config)
  /// A row has too few frames to leave one of them unmasked in every draw.
  case rowTooShort(row: Int, frames: Int, needed: Int)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unusable(let config):
      "mask: probability \(config.probability), spanFrames \(config.spanFrames) and minimumSpans "
        + "\(config.minimumSpans) make no mask; use a probability in 0...1 and below spanFrames, "
        + "and at least one span of at least one frame"
    case .rowTooShort(let row, let frames, let needed):
      "mask: row \(row) has \(frames) frames, but these spans need \(needed); "
        + "leave out shorter clips or use shorter spans"
    }
  }
}
