import Settings

/// Why the tokens of a stream cannot be predicted.
public enum TokenError: Error, Equatable, CustomStringConvertible {
  /// The features of a stream cannot be whitened or quantised.
  case unfit(stream: String, reason: QuantizerError)
  /// A codebook uses almost none of its codes: their perplexity at some place is below a limit.
  case collapsed(
    codebook: String, perplexity: Float, limit: String, where: String, remedy: String)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unfit(let stream, let reason):
      "objective.\(stream): \(reason)"
    case .collapsed(let codebook, let perplexity, let limit, let place, let remedy):
      "objective.\(codebook): the codes have collapsed: their perplexity is "
        + "\((perplexity * 100).rounded() / 100) \(place), below \(limit), so there is nothing to learn; \(remedy), "
        + "or check that the audio is not silent"
    }
  }
}
