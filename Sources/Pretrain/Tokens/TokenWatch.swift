import Models
import Tensor

/// Watches how varied the codes are that the steps predict.
///
/// A silent batch is no collapse, and neither is a batch of one code of features that change slowly: the codes of many
/// steps in a row have to be alike, each batch by itself and all of them together.
struct TokenWatch {
  private let watched: WatchedCodes
  /// For each codebook the steps since its codes were varied.
  private var rows: [String: Row] = [:]

  /// Steps in a row whose codes are not varied.
  fileprivate struct Row {
    var steps = 0
    /// How often each code occurred in them.
    var codes: CodeStatistics
  }

  init(_ watched: WatchedCodes) {
    self.watched = watched
    for (name, codes) in watched.codebooks {
      rows[name] = Row(codes: CodeStatistics(clusters: codes))
    }
  }

  /// Counts an update's batches: one of them with varied codes is enough.
  mutating func follow(_ observations: [[String: Tensor]]) {
    for (name, row) in rows {
      let batches = observations.compactMap { $0[WatchedCodes.observation(of: name)]?.integers }
      if !batches.isEmpty { rows[name] = row.followed(by: batches, watched.leastPerplexity) }
    }
  }

  /// - Throws: `TokenError.collapsed` if a codebook has not been varied for too long.
  func check() throws(TokenError) {
    let collapsed = rows.filter { $0.value.steps >= watched.patience }
    guard let (name, row) = collapsed.min(by: { $0.key < $1.key }) else { return }
    try watched.check(
      row.codes, of: name, where: "over all codes of the last \(row.steps) steps")
  }
}

extension TokenWatch.Row {
  /// With a further step of these batches; an empty row if the codes are varied.
  fileprivate func followed(by batches: [[Int32]], _ least: Float) -> Self {
    let size = codes.counts.count
    var longer = Self(steps: steps + 1, codes: codes)
    for batch in batches { longer.codes.add(batch) }
    let parts = batches.map { CodeStatistics(codes: $0, clusters: size) } + [longer.codes]
    let isVaried = parts.contains { Float($0.perplexity) >= least }
    return isVaried ? Self(codes: CodeStatistics(clusters: size)) : longer
  }
}

// MARK: - In a checkpoint

extension TokenWatch {
  /// For each codebook the number of steps and that of each code in them, int32 `[1 + codes]`.
  var state: [String: Tensor] {
    rows.mapValues { row in Tensor(([row.steps] + row.codes.counts).map { Int32(clamping: $0) }) }
  }

  /// Goes on from a kept state.
  ///
  /// Checkpoints that are older than the counts have two numbers for each codebook; its watch then begins anew.
  /// - Throws: `ModelError.tensors` if it is the state of other codebooks.
  mutating func restore(_ state: [String: Tensor]) throws(ModelError) {
    for (name, row) in rows where state[name]?.shape != [2] {
      let numbers = try state.tensor(name, [1 + row.codes.counts.count], .int32).integers
      rows[name] = Row(
        steps: Int(numbers[0]), codes: CodeStatistics(counts: numbers.dropFirst().map(Int.init)))
    }
  }
}
