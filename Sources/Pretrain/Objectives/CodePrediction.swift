import Models
import Tensor

/// HuBERT's head: which code of each label set belongs to a masked frame.
///
/// Each set `s` has a part of the projection and an embedding `e` of every code:
/// `logit(t, c) = cos(W_s h_t, e_c) / temperature`; the loss is the cross-entropy, summed over the
/// sets and averaged over the masked frames: eight codebooks weigh eight times as much as one.
///
/// Source: Hsu et al. 2021, 3.2; fairseq `models/hubert/hubert.py` with `untie_final_proj`. Different
/// on purpose: no embeddings for the dictionary's four special symbols, which are never a target.
public struct CodePrediction: Module {
  /// The numbers of a recipe's `objective.codes`.
  public struct Config: Configuration {
    /// Channels in which predictions and codes are compared, `d`.
    public var width = 256
    /// Divides the cosines.
    public var temperature: Float = 0.1
    /// HuBERT's numbers.
    public init() {}
  }

  private var projection: Linear
  /// `[codes, d]` for each label set.
  private var embeddings: [Tensor]
  private let width: Int
  private let temperature: Float

  /// - Parameters:
  ///   - hidden: The encoder's channels, `D`.
  ///   - codebooks: How many codes each label set has.
  public init(
    _ config: Config, hidden: Int, codebooks: [Int],
    using generator: inout some RandomNumberGenerator
  ) {
    (width, temperature) = (config.width, config.temperature)
    projection = .uniform(from: hidden, to: config.width * codebooks.count, using: &generator)
    embeddings = []
    for codes in codebooks {
      embeddings.append(.uniform([codes, config.width], in: 0..<1, using: &generator))
    }
  }

  /// - Parameters:
  ///   - frames: The encoder's output at the masked frames, `[N, D]`.
  ///   - codes: For each label set the codes of these frames, `N`.
  /// - Returns: The summed loss per frame, with terms `codes.<set>` and `accuracy.<set>`.
  /// - Traps when: the sets differ in number from the head's.
  public func loss(at frames: Tensor, codes: [[Int32]]) -> Loss {
    precondition(
      codes.count == embeddings.count,
      "CodePrediction: \(codes.count) label sets for \(embeddings.count) codebooks")
    let projected = projection(frames)
    var loss = Loss(total: Tensor(0), terms: [:])
    for (set, targets) in codes.enumerated() {
      let part = projected.sliced(axis: 1, set * width..<(set + 1) * width)
      let (losses, hits) = part.l2Normalized().crossEntropy(
        among: embeddings[set].l2Normalized(), targets: targets, temperature: temperature)
      let term = losses.mean()
      loss.total = loss.total + term
      loss.terms["codes.\(set)"] = term.scalar
      loss.terms["accuracy.\(set)"] = Float(hits) / Float(max(1, targets.count))
    }
    return loss
  }

  /// `projection`, `embeddings.0`, ...
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
    for set in embeddings.indices { visitor.parameter("embeddings.\(set)", &embeddings[set]) }
  }
}
