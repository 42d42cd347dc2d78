import Files
import Foundation

extension MarbleResults {
  /// Writes `scores.json`, `report.json` and `report.md` into a folder; earlier ones are replaced.
  /// - Throws: `FileError`.
  public func write(to folder: URL) throws {
    try AtomicFolder.make(folder)
    try AtomicFile.write(try json(), to: folder.appendingPathComponent("scores.json"))
    try AtomicFile.write(try details(), to: folder.appendingPathComponent("report.json"))
    try AtomicFile.write(Data(markdown.utf8), to: folder.appendingPathComponent("report.md"))
  }

  /// The scores as a table for a terminal: a row for each model, a column for each metric.
  public var table: String {
    let rows = [["model"] + columns.map(\.title) + ["average"]] + models.map(row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The same as Markdown, with how each score was reached, what was left out, and the published rows.
  public var markdown: String {
    let heads = ["model"] + columns.map(\.title) + ["average"]
    let parts = [
      ["# MARBLE", ""], [Self.method, ""], markdownTable(heads, models.map(row)),
      ["", "## What the validation parts chose", ""], choices,
      ["", "## Data", ""], data, published,
    ]
    return parts.flatMap(\.self).joined(separator: "\n") + "\n"
  }

  private static let method = """
    Frozen embeddings, one hidden layer of 512 units; layer, learning rate and epoch are chosen on the validation part, \
    the score is that on the test part (MARBLE's first version, constrained track). In brackets the middle 95 % of the \
    scores of 200 draws of the test items: what another training or another split would change is not in it. The average \
    is shown where all 14 tasks are there.
    """

  private var columns: [(title: String, task: String, metric: TaskMetric)] {
    tasks.flatMap { task in
      task.method.metrics.map { ("\(task.name) \($0.name)", task.name, $0) }
    }
  }

  private func row(of model: String) -> [String] {
    [model] + columns.map { cell(of: model, $0.task, $0.metric) }
      + [average(of: model).map { Wording.fixed($0, 1) } ?? "–"]
  }

  private func cell(of model: String, _ task: String, _ metric: TaskMetric) -> String {
    guard let outcome = outcome(of: model, on: task),
      let value = outcome.values.first(where: { $0.metric.id == metric.id })
    else { return "–" }
    return value.text
  }

  private var choices: [String] {
    let rows = outcomes.map { outcome in
      let choice = outcome.choice
      let metric = tasks.first { $0.name == outcome.task }?.method.monitor
      return [
        outcome.model, outcome.task, choice.layer.description, "\(choice.rate)",
        "\(choice.epoch)", choice.aggregation?.rawValue ?? "–",
        metric?.unit.number(choice.score) ?? "–",
      ]
    }
    return markdownTable(
      ["model", "task", "layer", "rate", "epoch", "stretches", "validation score"], rows)
  }

  private var data: [String] {
    let notes = tasks.compactMap { task in outcomes.first { $0.task == task.name } }.flatMap {
      outcome in
      let counts = Split.allCases.map { "\(outcome.counts[$0] ?? 0) \($0.rawValue)" }
      let left = outcome.leftOut.isEmpty ? "" : "; \(outcome.leftOut.count) left out"
      return ["- \(outcome.task): \(counts.joined(separator: ", "))\(left)."]
        + outcome.remarks.map { "  \($0.escapedForMarkdown)" }
    }
    return notes
      + missing.map { "- \($0.item) is left out: \($0.reason.escapedForMarkdown)" }
      + failed.map { "- \($0.item) has no score: \($0.reason.escapedForMarkdown)" }
  }

  /// The rows that MARBLE's paper prints for these tasks, which were measured under the same protocol.
  private var published: [String] {
    let published = PublishedTable.marble
    let known = columns.compactMap { column -> (MarbleScores.Task, MarbleScores.Metric)? in
      guard let task = MarbleScores.Task(rawValue: column.task),
        let metric = MarbleScores.Metric(rawValue: column.metric.id), task.metrics.contains(metric)
      else { return nil }
      return (task, metric)
    }
    guard !known.isEmpty else { return [] }
    let rows = published.rows.map { row in
      [row.model] + known.map { row.scores[$0, $1].map { Wording.fixed($0, 1) } ?? "–" }
        + [row.average.map { Wording.fixed($0, 1) } ?? "–"]
    }
    let heads = known.map { "\($0.rawValue) \($1.rawValue)" }
    return ["", "## Published: \(published.protocolName)", "", "\(published.source).", ""]
      + markdownTable(["model"] + heads + ["average"], rows)
  }

  private func markdownTable(_ heads: [String], _ rows: [[String]]) -> [String] {
    let lines = ([heads] + rows).map { cells in
      "| " + cells.map(\.escapedForMarkdown).joined(separator: " | ") + " |"
    }
    return [lines[0], "|" + String(repeating: " --- |", count: heads.count)] + lines.dropFirst()
  }
}

extension MarbleOutcome.Value {
  /// `63.5 (60.1…66.8)`
  var text: String {
    guard let interval else { return metric.unit.number(score) }
    let ends = [interval.lowerBound, interval.upperBound].map(metric.unit.number)
    return "\(metric.unit.number(score)) (\(ends[0])…\(ends[1]))"
  }
}

extension MarbleOutcome {
  /// `accuracy 72.8 (67.2…77.9), layer 7`
  public var inWords: String {
    values.map { "\($0.metric.name) \($0.text)" }.joined(separator: ", ")
      + ", layer \(choice.layer)"
  }
}
