/// What a published table has of some tasks, as text.
struct PublishedExcerpt {
  /// The whole table.
  let table: PublishedTable
  /// The model, the columns that the table has, and the average if its source prints one.
  let heads: [String]
  /// One for each model.
  let rows: [[String]]

  /// - Returns: nil if the table has a score in none of the columns.
  init?(_ table: PublishedTable, of columns: [PublishedColumn]) {
    let columns = columns.filter(table.has)
    guard !columns.isEmpty else { return nil }
    let hasAverages = table.averaged != nil
    self.table = table
    heads = ["model"] + columns.map(\.title) + (hasAverages ? ["average"] : [])
    rows = table.rows.map { row in
      [row.model] + columns.map { Self.cell(row.scores[$0.task, $0.metric]) }
        + (hasAverages ? [Self.cell(row.average)] : [])
    }
  }

  /// What the average is the mean of; nil if there is none.
  var averageInWords: String? { table.averaged.map { "The average is the mean of \($0)." } }

  private static func cell(_ score: Double?) -> String {
    score.map { Wording.fixed($0, 1) } ?? "–"
  }
}

extension PublishedTable {
  /// Whether a model has a score in the column.
  fileprivate func has(_ column: PublishedColumn) -> Bool {
    rows.contains { $0.scores[column.task, column.metric] != nil }
  }
}

extension PublishedColumn {
  /// `EMO r2Valence`
  fileprivate var title: String { "\(task.rawValue) \(metric.rawValue)" }
}
