/// MARBLE's average score: the plain mean over its 14 tasks, each of which is the plain mean of its metrics.
///
/// Percents and decibels are added as they are: separation counts with a few points. The papers print it so.
///
/// - Source: Yuan et al. 2023, tables 3 and 4, whose averages follow from this rule.
package struct MarbleAverage: Equatable, Sendable {
  /// Tasks of which a metric is not known.
  package let missing: [MarbleScores.Task]
  /// The average; nil if a task is missing, because the mean of other tasks is another number.
  package let value: Double?

  /// The average of a model.
  package init(of scores: MarbleScores) {
    let means = MarbleScores.Task.allCases.map { (task: $0, mean: scores.mean(of: $0)) }
    missing = means.filter { $0.mean == nil }.map(\.task)
    let sum = means.reduce(0) { $0 + ($1.mean ?? 0) }
    value = missing.isEmpty ? sum / Double(means.count) : nil
  }
}
