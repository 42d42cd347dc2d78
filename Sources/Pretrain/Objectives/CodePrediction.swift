import Models
import Settings
import Tensor

/// HuBERT's head: which code of each label set belongs to a masked frame.
///
/// Each set `s` has a projection and an embedding `e` of every code:
/// `logit(t, c) = cos(W_s h_t, e_c) / temperature`; the loss is the cross-entropy, summed over the
/// sets and averaged over the masked frames: eight codebooks weigh eight times as much as one.
///
/// Source: Hsu et al. 2021, 3.2; fairseq `models/hubert/hubert.py`.
public struct CodePrediction: Head {
  /// The numbers of a recipe's `objective.codes`.
  public struct Config: Configuration {
    /// Channels in which predictions and codes are compared, `d`.
    public var width = 256
    /// Divisor of the cosine similarities.
    public var temperature: Float = 0.1
    /// Whether all label sets share one projection; the opposite of fairseq's `untie_final_proj`.
    public var tied = false
    /// Number of embeddings before those of the codes that are never a target, but part of every softmax: the
    /// symbols of fairseq's dictionary, which has 4.
    public var specialSymbols = 0
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// of this term.
    public var layer: Int?
    /// HuBERT's numbers.
    public init() {}

    /// Logits are cosines over the temperature, so one near 0 makes them infinite.
    public func validate() throws(InvalidSetting) {
      try require("width", width, in: 1...AudioEncoder.Config.mostChannels)
      try require("temperature", temperature, in: 0.0001...10_000)
      try require("specialSymbols", specialSymbols, in: 0...65_536)
    }
  }

  private var projection: Linear
  /// `[specialSymbols + codes, d]` for each label set.
  private var embeddings: [Tensor]
  private let config: Config

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - codebooks: How many codes each label set has.
  ///   - generator: Draws the initial weights.
  public init(
    _ config: Config, hidden: Int, codebooks: [Int],
    using generator: inout some RandomNumberGenerator
  ) {
    self.config = config
    let projections = config.tied ? 1 : codebooks.count
    projection = .uniform(from: hidden, to: config.width * projections, using: &generator)
    embeddings = []
    for codes in codebooks {
      let symbols = config.specialSymbols + codes
      embeddings.append(.uniform([symbols, config.width], in: 0..<1, using: &generator))
    }
  }

  /// - Parameters:
  ///   - frames: The encoder's output at the masked frames, `[N, D]`.
  ///   - codes: For each label set the codes of these frames, `N`.
  /// - Returns: The summed loss per frame, with terms `codes.<set>`, `accuracy.<set>` and
  ///   `perplexity.<set>`, that of the predicted codes: it falls to 1 if they are all the same.
  /// - Traps when: the sets differ in number from the head's.
  public func loss(at frames: Tensor, codes: [[Int32]]) -> Loss {
    precondition(
      codes.count == embeddings.count,
      "CodePrediction: \(codes.count) label sets for \(embeddings.count) codebooks")
    let projected = projection(frames)
    var loss = Loss()
    for (set, codes) in codes.enumerated() {
      let symbols = codes.map { $0 + Int32(config.specialSymbols) }
      let (losses, predictions) = part(set, of: projected).l2Normalized().crossEntropy(
        among: embeddings[set].l2Normalized(), targets: symbols, temperature: config.temperature)
      let term = losses.mean()
      loss.total = loss.total + term
      loss.terms["codes.\(set)"] = term.scalar
      loss.terms.merge(watched(predictions, symbols, set: set)) { $1 }
    }
    return loss
  }

  /// The loss of the codes of the batch's label sets.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    loss(at: outputs, codes: targets.codes)
  }

  /// The loss of codes that a head's `CropTarget` computed, int32 `[N, sets]`. Its terms have the head's name
  /// before them: `randomProjection.accuracy.0`. Further ones are of the codes to predict: `targetPerplexity.<set>` and
  /// `targetUsage.<set>`, the share of codes that occur.
  func loss(at outputs: Tensor, computed codes: Tensor, for head: String) -> Loss {
    let (all, books) = (codes.integers, codes.shape[1])
    let sets = (0..<books).map { book in
      stride(from: book, to: all.count, by: books).map { all[$0] }
    }
    var loss = loss(at: outputs, codes: sets)
    for (set, codes) in sets.enumerated() where !codes.isEmpty {
      let statistics = CodeStatistics(
        codes: codes, clusters: embeddings[set].shape[0] - config.specialSymbols)
      loss.terms["targetPerplexity.\(set)"] = Float(statistics.perplexity)
      loss.terms["targetUsage.\(set)"] = Float(statistics.usage)
      loss.observations[WatchedCodes.observation(of: "\(head).\(set)")] = Tensor(codes)
    }
    let terms = loss.terms.map { ("\(head).\($0.key)", $0.value) }
    loss.terms = Dictionary(uniqueKeysWithValues: terms)
    return loss
  }

  /// The channels that predict a label set: `[N, d]`.
  private func part(_ set: Int, of projected: Tensor) -> Tensor {
    if config.tied { return projected }
    return projected.sliced(axis: 1, set * config.width..<(set + 1) * config.width)
  }

  private func watched(_ predictions: [Int32], _ symbols: [Int32], set: Int) -> [String: Float] {
    guard !symbols.isEmpty else { return [:] }
    let hits = zip(predictions, symbols).count { $0 == $1 }
    let statistics = CodeStatistics(codes: predictions, clusters: embeddings[set].shape[0])
    return [
      "accuracy.\(set)": Float(hits) / Float(symbols.count),
      "perplexity.\(set)": Float(statistics.perplexity),
    ]
  }

  /// `projection`, `embeddings.0`, ...
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
    for set in embeddings.indices {
      visitor.parameter("embeddings.\(set)", &embeddings[set], as: .embedding)
    }
  }
}

extension CodePrediction.Config: HeadSetting {
  /// `objective.codes`
  public static var name: String { "codes" }
  /// Label stores.
  public static var source: TargetSource { .labels }

  /// An untrained head for these label sets.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    CodePrediction(self, hidden: width, codebooks: codebooks, using: &generator)
  }

  /// A projection for each label set, and the similarities with all of its codes.
  public func cost(width hidden: Int, codebooks: [Int]) -> HeadCost {
    let sets = codebooks.count
    let (codes, symbols) = (codebooks.reduce(0, +), specialSymbols * sets)
    return HeadCost(
      parameters: width * ((tied ? 1 : sets) * (hidden + 1) + codes + symbols),
      products: Double(width) * (Double(hidden) * Double(sets) + Double(codes)),
      kept: 4 * Double(width * sets))
  }
}
