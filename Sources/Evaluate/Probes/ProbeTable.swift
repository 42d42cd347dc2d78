import Foundation
import Settings

/// The rows of a probing run as text.
public struct ProbeTable: Sendable, CustomStringConvertible {
  /// A row for each model and task.
  public let rows: [ProbeRow]

  /// A table.
  public init(_ rows: [ProbeRow]) { self.rows = rows }

  /// What the intervals of the table cover.
  public static let note =
    "±: 95 % over the seeds. Of models and statistics a seed deals the same pieces into folds anew; of random "
    + "initialisations it draws the weights, too. No interval covers another training or other pieces."

  /// One line for each row: the score with its 95 % interval over the seeds, see `note`.
  public var description: String {
    let lines = [header] + rows.map(cells)
    let widths = header.indices.map { column in lines.map { $0[column].count }.max()! }
    return lines.map { line in
      zip(line, widths).map { $0.padded(to: $1) }.joined(separator: "  ").trimmingSuffix(" ")
    }.joined(separator: "\n")
  }

  /// The rows as one JSON array.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rows), as: UTF8.self)
  }

  /// The metric that all rows have, if they have the same.
  private var sharedMetric: Metric? {
    let metrics = rows.map(\.metric).uniqued()
    return metrics.count == 1 ? metrics[0] : nil
  }

  private var header: [String] {
    let scores =
      sharedMetric.map { ["\($0.name) \($0.unit.bareSymbol)", "chance \($0.unit.bareSymbol)"] }
      ?? ["metric", "score", "chance"]
    return ["model", "features", "task", "classes"] + scores + ["layer"]
  }

  private func cells(_ row: ProbeRow) -> [String] {
    let unit = row.metric.unit
    let metric = sharedMetric == nil ? ["\(row.metric.rawValue) \(unit.bareSymbol)"] : []
    return [row.model, word(for: row.kind), row.task, "\(row.classes)"] + metric + [
      unit.number(Interval(of: row.scores)).replacing("\u{00A0}", with: " "),
      unit.number(row.chance),
      row.result.layer.map(String.init) ?? "-",
    ]
  }

  private func word(for kind: ProbeResult.Kind) -> String {
    switch kind {
    case .pretrained: "pre-trained"
    case .randomInitialisation: "random"
    case .statistics: "statistics"
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    String(reversed().drop { $0 == character }.reversed())
  }
}
