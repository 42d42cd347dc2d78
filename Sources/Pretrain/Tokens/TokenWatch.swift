import Models
import Tensor

/// Watches how varied the codes are that the steps predict. A silent batch is no collapse; a row of them is.
struct TokenWatch {
  private let least: Float
  private let patience: Int
  /// For each codebook how many steps in a row had less than the least perplexity, and the last of these.
  private var failures: [String: (steps: Int, perplexity: Float)] = [:]

  init(_ config: TokenPrediction.Config) {
    (least, patience) = (config.leastPerplexity, config.patience)
    for name in config.codebookNames { failures[name] = (0, 0) }
  }

  /// Counts an update's batches: one of them with varied codes is enough.
  mutating func follow(_ observations: [[String: Tensor]]) {
    for name in failures.keys {
      let found = observations.compactMap { $0[name]?.scalar }
      guard let most = found.max() else { continue }
      failures[name] = most < least ? (failures[name]!.steps + 1, most) : (0, 0)
    }
  }

  /// - Throws: `TokenError.collapsed` if a codebook has not been varied for too long.
  func check() throws(TokenError) {
    let collapsed = failures.filter { $0.value.steps >= patience }
    guard let (name, found) = collapsed.min(by: { $0.key < $1.key }) else { return }
    throw .collapsed(
      codebook: name, perplexity: found.perplexity, least: least,
      where: "in each of the last \(found.steps) steps")
  }

  /// For each codebook both numbers, `[2]`.
  var state: [String: Tensor] {
    failures.mapValues { Tensor([Float($0.steps), $0.perplexity]) }
  }

  /// - Throws: `ModelError.tensors` if it is the state of other codebooks.
  mutating func restore(_ state: [String: Tensor]) throws(ModelError) {
    for name in failures.keys {
      let numbers = try state.tensor(name, [2]).scalars
      failures[name] = (Int(numbers[0]), numbers[1])
    }
  }
}

extension TokenPrediction.Config {
  /// `tokens.STREAM.CODEBOOK` of every codebook: the names of observations, and the beginnings of those of terms.
  var codebookNames: [String] {
    streams.flatMap { stream in
      stream.codebookSizes.indices.map { "\(Self.name).\(stream.name).\($0)" }
    }
  }
}
