import Models
import Settings
import Tensor

/// The head of masked prediction of tokens: a linear map for each codebook of each stream, and the cross-entropy of
/// its softmax with the codes of the clean crop.
///
/// `loss = Σ_s w_s Σ_b CE_{s,b}`, divided by `Σ_s w_s B_s` if the mean is taken, where stream `s` has `B_s` codebooks.
///
/// The tokenisers belong to the head, as buffers: they are fitted to a sample of the collection before the first step
/// and kept in every checkpoint.
///
/// Source: MusicFM, MuQ and OMAR-RQ, which take the mean over all codebooks.
public struct TokenPrediction: Head {
  /// The numbers of a recipe's `objective.tokens`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// The streams, each with a head for each of its codebooks.
    public var streams: [TokenStream] = []
    /// How the losses of the codebooks are put together.
    public var reduction = Reduction.mean
    /// Size of the sample of the collection that statistics and quantisers are fitted to, in frames.
    public var fitFrames = 20_000
    /// Least perplexity of the codes of a codebook, over the sample before the first step and over the targets of
    /// steps; below it the run is stopped. Less than the codes of each codebook.
    public var leastPerplexity: Float = 2
    /// Number of steps in a row after which a run is stopped if each of their batches and all of their codes together
    /// have less.
    public var patience = 50

    /// No stream yet.
    public init() {}

    /// Streams with names of their own, and counts, which suit the tokens of each.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try requireStreams(streams.map { ($0.name, $0.weight) })
      try require("fitFrames", fitFrames, in: 100...100_000_000)
      try require("leastPerplexity", leastPerplexity, in: 1...1_000)
      try require("patience", patience, in: 1...1_000_000)
      for (number, stream) in streams.enumerated() {
        try validate(stream.tokens.chosen, at: "streams[\(number)].tokens")
      }
    }

    private func validate(
      _ tokens: some TokenizerSetting, at path: String
    ) throws(InvalidSetting) {
      let (needed, codes) = (tokens.leastFrames, tokens.codebookSizes.min() ?? 0)
      try require(
        needed <= fitFrames, "fitFrames",
        "\(fitFrames) frames cannot make the \(needed) codes of \(path); raise it, or lower their number",
        against: [path])
      try require(
        Double(leastPerplexity) < Double(codes), "leastPerplexity",
        "is \(leastPerplexity.inWords), and a codebook of \(path) has \(codes) codes, whose perplexity is at most "
          + "that; lower it, or take more codes",
        against: [path])
    }
  }

  /// How the losses of several codebooks are put together.
  public enum Reduction: String, Codable, Sendable, CaseIterable {
    /// Their mean, weighted by their streams: MuQ and OMAR-RQ.
    case mean
    /// Their sum, as in MERT: the learning rate has to suit their number.
    case sum
  }

  private let config: Config
  private var streams: [Stream]

  /// A stream with what predicts it.
  private struct Stream: Module {
    let setting: TokenStream
    /// Where its features lie in a row of targets.
    let columns: Range<Int>
    var tokenizer: StreamTokenizer
    /// One for each codebook.
    var projections: [Linear] = []

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.child("tokens", &tokenizer)
      visitor.children("projections", &projections)
    }
  }

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    (self.config, streams) = (config, [])
    for (stream, columns) in zip(config.streams, config.streams.map(\.features).columns) {
      var one = Stream(
        setting: stream, columns: columns, tokenizer: StreamTokenizer(stream))
      for codes in stream.codebookSizes {
        one.projections.append(.uniform(from: hidden, to: codes, using: &generator))
      }
      streams.append(one)
    }
  }

  /// The loss of the tokens of what `StreamTarget` computed.
  ///
  /// Its terms are `tokens.STREAM.CODEBOOK.` `loss`, `accuracy`, and of the codes to predict `perplexity` and `usage`,
  /// the share of codes that occur.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let features = targets.computed(for: Config.name)
    var (loss, weight) = (Loss(), Float(0))
    for stream in streams {
      let codes = stream.tokenizer.codes(of: features.sliced(axis: 1, stream.columns))
      let outputs = targets.outputs(outputs, ofLayer: stream.setting.layer)
      for (book, codes) in codes.enumerated() {
        let name = "\(Config.name).\(stream.setting.name).\(book)"
        let part = Self.loss(of: stream.projections[book](outputs), codes: codes, name: name)
        loss.total = loss.total + part.total * stream.setting.weight
        loss.terms.merge(part.terms) { $1 }
        loss.observations[WatchedCodes.observation(of: name)] = Tensor(codes)
        weight += stream.setting.weight
      }
    }
    if config.reduction == .mean { loss.total = loss.total * (1 / weight) }
    return loss
  }

  /// The loss of one codebook, by its logits `[N, codes]`.
  private static func loss(of logits: Tensor, codes: [Int32], name: String) -> Loss {
    let loss = logits.crossEntropy(targets: codes).mean()
    let statistics = CodeStatistics(codes: codes, clusters: logits.shape[1])
    let hits = zip(logits.argmax(axis: 1).integers, codes).count { $0 == $1 }
    return Loss(
      total: loss,
      terms: [
        "\(name).loss": loss.scalar, "\(name).accuracy": Float(hits) / Float(codes.count),
        "\(name).perplexity": Float(statistics.perplexity),
        "\(name).usage": Float(statistics.usage),
      ])
  }

  /// `mel.tokens`, `mel.projections.0`, ...
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    for number in streams.indices {
      visitor.child(streams[number].setting.name, &streams[number])
    }
  }
}

extension TokenPrediction: FittedHead {
  /// Fits whitening and quantisers of every stream.
  /// - Throws: `TokenError` if a stream has nothing to predict.
  public mutating func fit(to sample: Tensor, seed: UInt64) throws {
    for number in streams.indices {
      let name = streams[number].setting.name
      let frames = sample.sliced(axis: 1, streams[number].columns)
      do {
        try streams[number].tokenizer.fit(to: frames, seed: seed)
      } catch let reason as QuantizerError {
        throw TokenError.unfit(stream: "\(Config.name).\(name)", reason: reason)
      }
      try check(streams[number], on: frames)
    }
  }

  private func check(_ stream: Stream, on frames: Tensor) throws {
    let sizes = stream.setting.codebookSizes
    for (book, codes) in stream.tokenizer.codes(of: frames).enumerated() {
      try config.watchedCodes.check(
        CodeStatistics(codes: codes, clusters: sizes[book]),
        of: "\(Config.name).\(stream.setting.name).\(book)",
        where: "over \(codes.count) frames of the collection")
    }
  }
}

extension TokenPrediction.Config: WatchedHeadSetting {
  /// Those of its streams.
  public var watchedCodes: WatchedCodes { WatchedCodes(self) }
}

extension TokenPrediction.Config: FittedHeadSetting {
  /// `objective.tokens`
  public static var name: String { "tokens" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// Those of its streams.
  public var layers: Set<Int> { Set(streams.compactMap(\.layer)) }

  /// Untrained heads, and tokenisers that are not fitted yet.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    TokenPrediction(self, hidden: width, using: &generator)
  }

  /// The features of all streams.
  public func target(for encoder: any EncoderConfiguration) throws -> (any CropTarget)? {
    try StreamTarget(streams.map(\.features), encoder: encoder)
  }

  /// The models that features are computed with.
  public func identity(for encoder: any EncoderConfiguration) throws -> [String] {
    try streams.map(\.features).identity(of: Self.name)
  }

  /// The features of each stream suit its rates.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try streams.map(\.features).validate(for: encoder)
  }

  /// A map for each codebook and its logits, and the features of the batch.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let codes = streams.flatMap(\.codebookSizes).reduce(0, +)
    return HeadCost(
      parameters: codes * (width + 1), products: Double(codes) * Double(width),
      kept: 2 * Double(codes), target: Double(streams.map(\.features).width))
  }
}
