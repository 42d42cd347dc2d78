import Tensor

/// The items of one part of a data set, with their vectors.
public struct ProbedItems: Sendable {
  /// The rows of each item in the embeddings, at least one.
  public let rows: [[Int]]
  /// What is true of each item.
  public let truth: [Truth]
  private let embeddings: Embeddings

  /// - Traps when: there is not one truth an item.
  init(rows: [[Int]], truth: [Truth], in embeddings: Embeddings) {
    precondition(
      rows.count == truth.count,
      "ProbedItems: needs one truth an item, got \(truth.count) for \(rows.count)")
    (self.rows, self.truth, self.embeddings) = (rows, truth, embeddings)
  }

  /// How many there are.
  public var count: Int { rows.count }

  /// What is true of each stretch, in the order of the items.
  var truthOfStretches: [Truth] {
    zip(rows, truth).flatMap { rows, truth in rows.map { _ in truth } }
  }

  /// The vectors of the stretches of some items, one after the other, in each of some layers: `[B, D]`.
  func vectors(of items: some Sequence<Int>, layers: [Int]) throws -> [Tensor] {
    let rows = items.flatMap { self.rows[$0] }
    return try layers.map { try embeddings.vectors(rows, layer: $0) }
  }
}

extension ProbedItems: ProbeTrainingSet {
  /// Each stretch with the truth of its item.
  func batch(of items: ArraySlice<Int>, layers: [Int], epoch: Int) throws -> ProbeBatch {
    let truth = items.flatMap { item in rows[item].map { _ in self.truth[item] } }
    return ProbeBatch(vectors: try vectors(of: items, layers: layers)) {
      Truth.loss(of: $0, truth)
    }
  }
}
