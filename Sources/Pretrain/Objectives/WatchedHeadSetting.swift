import Settings

/// The setting of a head whose targets are codes that the step computes of the clean crop. A watch follows how varied they
/// are: codes that are all alike teach nothing.
public protocol WatchedHeadSetting: HeadSetting {
  /// What is watched, and how much variety it needs.
  var watchedCodes: WatchedCodes { get }
}

/// The codebooks of a head, and the variety below which its run is stopped.
public struct WatchedCodes: Sendable {
  /// A codebook: with what the names of its terms and observations begin, `tokens.STREAM.CODEBOOK` or
  /// `randomProjection.CODEBOOK`, and how many codes it has.
  public typealias Codebook = (name: String, codes: Int)

  /// All of them.
  public var codebooks: [Codebook]
  /// Least perplexity of the codes of a codebook.
  public var leastPerplexity: Float
  /// Number of steps in a row after which a run is stopped if each of their batches and all of their codes together have
  /// less.
  public var patience: Int
  /// The setting that the least perplexity is, for errors; nil if it is none.
  public var setting: String?
  /// What to do if codes are less varied.
  public var remedy: String

  /// The codebooks of a head that has no settings for it: 2, or less if there are less than four codes, over 50 steps.
  init(of head: String, codes: Int, codebooks: Int, remedy: String) {
    self.remedy = remedy
    self.codebooks = (0..<codebooks).map { ("\(head).\($0)", codes) }
    (leastPerplexity, patience) = (min(2, Float(codes).squareRoot()), 50)
  }

  /// Those of `objective.tokens`.
  init(_ config: TokenPrediction.Config) {
    let name = TokenPrediction.Config.name
    codebooks = config.streams.flatMap { stream in
      stream.codebookSizes.enumerated().map { ("\(name).\(stream.name).\($0)", $1) }
    }
    (leastPerplexity, patience) = (config.leastPerplexity, config.patience)
    setting = "objective.\(name).leastPerplexity"
    remedy = "set the stream's whitening to channels or full, name other features"
  }

  /// The observation of the codes that a batch has in a codebook.
  static func observation(of codebook: String) -> String { codebook + ".codes" }

  /// - Throws: `TokenError.collapsed` if the codes of a codebook are less varied than that.
  func check(
    _ statistics: CodeStatistics, of codebook: String, where place: String
  ) throws(TokenError) {
    let perplexity = Float(statistics.perplexity)
    guard perplexity < leastPerplexity else { return }
    let limit = (setting.map { $0 + " " } ?? "") + leastPerplexity.inWords
    throw .collapsed(
      codebook: codebook, perplexity: perplexity, limit: limit, where: place, remedy: remedy)
  }
}
