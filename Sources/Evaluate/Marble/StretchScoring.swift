import Foundation

/// Scores what a probe made of the stretches of items.
struct StretchScoring: Sendable {
  /// What is reported.
  let metrics: [OutputMetric]
  /// What the validation part chooses by.
  let monitor: OutputMetric
  /// How the outputs of an item's stretches become one, of which the validation part chooses one. Empty if each
  /// stretch is an item of its own.
  let aggregations: [Aggregation]
  /// The names of the classes.
  let classes: [String]

  /// The outputs of each item's stretches, with what is true of the item.
  typealias Outputs = (stretches: [[[Float]]], truth: [Truth])

  /// The outputs of items, of which each stretch is one of its own if there is no aggregation.
  func items(of stretches: [[[Float]]], _ truth: [Truth]) -> Outputs {
    guard aggregations.isEmpty else { return (stretches, truth) }
    return (
      stretches.flatMap { $0.map { [$0] } },
      zip(stretches, truth).flatMap { stretches, truth in stretches.map { _ in truth } }
    )
  }

  /// The number of the file of each item of `items(of:_:)`: a file may have several items, also under several spellings of
  /// its path, and an item several stretches.
  ///
  /// - Parameter clips: The path of each item, and how many stretches it has.
  func files(of clips: [(path: String, stretches: Int)]) -> [Int] {
    var numbers = FileNumbers()
    return clips.filter { $0.stretches > 0 }.flatMap { path, stretches in
      [Int](repeating: numbers.number(of: path), count: aggregations.isEmpty ? stretches : 1)
    }
  }

  /// The best score by the monitor, and the aggregation that reaches it: nil if each stretch is an item.
  func best(_ outputs: Outputs) -> (score: Double, aggregation: Aggregation?) {
    guard !aggregations.isEmpty else { return (monitor.score(answers(outputs, .mean)), nil) }
    let scores = aggregations.map { monitor.score(answers(outputs, $0)) }
    let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    return (scores[best], aggregations[best])
  }

  /// The scores by all metrics.
  ///
  /// - Parameters:
  ///   - outputs: Of each item.
  ///   - aggregation: Of the stretches of an item.
  ///   - files: The number of the file of each item.
  func values(
    _ outputs: Outputs, _ aggregation: Aggregation?, of files: [Int]
  ) -> [MarbleOutcome.Value] {
    let answers = answers(outputs, aggregation ?? .mean)
    return metrics.map { metric in
      let score = { (items: [Int]) in metric.score(answers.choosing(items)) }
      return MarbleOutcome.Value(
        metric: metric.metric, score: metric.score(answers),
        interval: Bootstrap.interval(of: answers.truth.count, in: files, score: score),
        pseudoValues: Jackknife.pseudoValues(of: answers.truth.count, in: files, score: score))
    }
  }

  private func answers(_ outputs: Outputs, _ aggregation: Aggregation) -> TaskAnswers {
    TaskAnswers(
      outputs: outputs.stretches.map { aggregation($0) }, truth: outputs.truth, classes: classes)
  }
}

/// Files in the order in which they are first named.
private struct FileNumbers {
  /// By the path as it is written, which is looked up on the disk once.
  private var byPath: [String: Int] = [:]
  /// By the path without links and detours.
  private var byFile: [String: Int] = [:]

  mutating func number(of path: String) -> Int {
    if let known = byPath[path] { return known }
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardized.path
    let number = byFile[file] ?? byFile.count
    byFile[file] = number
    byPath[path] = number
    return number
  }
}
