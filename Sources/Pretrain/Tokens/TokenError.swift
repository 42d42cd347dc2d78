import Settings

/// Why the tokens of a stream cannot be predicted.
public enum TokenError: Error, Equatable, CustomStringConvertible {
  /// The features of a stream cannot be whitened or quantised.
  case unfit(stream: String, reason: QuantizerError)
  /// A codebook uses almost none of its codes.
  case collapsed(
    codebook: String, perplexity: Float, least: Float, setting: String?, where: String)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unfit(let stream, let reason):
      "objective.\(stream): \(reason)"
    case .collapsed(let codebook, let perplexity, let least, let setting, let place):
      "objective.\(codebook): the codes have collapsed: their perplexity is "
        + "\((perplexity * 100).rounded() / 100) \(place), below \(setting.map { $0 + " " } ?? "")"
        + "\(least.inWords), so there is nothing to learn; \(Self.remedy(isStream: setting != nil)), or check that "
        + "the audio is not silent"
    }
  }

  private static func remedy(isStream: Bool) -> String {
    isStream
      ? "set the stream's whitening to channels or full, name other features"
      : "name other features or another quantiser"
  }
}
