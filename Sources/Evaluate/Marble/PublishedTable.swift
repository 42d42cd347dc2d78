import Tensor

/// Results that others published, all under one protocol.
///
/// Scores of different protocols (segments, heads, grids, splits) differ by more than models do. So each table stands
/// for itself: compare with a score of your own only if yours was measured under `protocolName`.
package struct PublishedTable: Sendable {
  /// The protocol under which all rows were measured.
  package let protocolName: String
  /// Paper and table.
  package let source: String
  /// What a row's average is the mean of; nil if the source prints none.
  package let averaged: String?
  /// One for each model, in the order of the source.
  package let rows: [PublishedRow]

  /// All tables.
  package static let all: [PublishedTable] = [.marble, .muq, .mert2]
}

/// One model in a table.
package struct PublishedRow: Equatable, Sendable {
  /// The model's name in the table.
  package let model: String
  /// Its scores on tasks of MARBLE; what the source leaves open is missing.
  package let scores: MarbleScores
  /// Its accuracies on tasks that are not among the 14 of MARBLE, in percent.
  package let otherTasks: [String: Double]
  /// The average as printed.
  package let average: Double?

  /// - Parameters:
  ///   - cells: Scores in the order of `columns`; nil where the source prints a dash.
  ///   - columns: Their tasks and metrics.
  ///   - otherTasks: By name.
  /// - Traps when: there is not one cell for each column.
  init(
    _ model: String, _ cells: [Double?], _ columns: [PublishedColumn],
    otherTasks: [String: Double] = [:], average: Double? = nil
  ) {
    precondition(
      cells.count == columns.count,
      "PublishedRow.init: needs a cell for each of \(columns.count) columns, got \(cells.count)")
    var values: [MarbleScores.Task: [MarbleScores.Metric: Double]] = [:]
    for (column, cell) in zip(columns, cells) {
      values[column.task, default: [:]][column.metric] = cell
    }
    (self.model, scores) = (model, MarbleScores(values))
    (self.otherTasks, self.average) = (otherTasks, average)
  }
}

/// A column of a table.
struct PublishedColumn {
  let task: MarbleScores.Task
  let metric: MarbleScores.Metric
}

extension [PublishedColumn] {
  /// The columns of these tasks, the metrics of each in the order of ``MarbleScores/Task/metrics``.
  static func of(_ tasks: MarbleScores.Task...) -> [PublishedColumn] {
    tasks.flatMap { task in task.metrics.map { PublishedColumn(task: task, metric: $0) } }
  }
}
