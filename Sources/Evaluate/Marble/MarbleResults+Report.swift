import Files
import Foundation
import Settings

extension MarbleResults {
  /// Writes `scores.json`, `report.json`, `report.md` and `report.html` into a folder; earlier ones are replaced.
  /// - Throws: `FileError`.
  public func write(to folder: URL) throws {
    try AtomicFolder.make(folder)
    try AtomicFile.write(try json(), to: folder.appendingPathComponent("scores.json"))
    try AtomicFile.write(try details(), to: folder.appendingPathComponent("report.json"))
    try AtomicFile.write(Data(markdown.utf8), to: folder.appendingPathComponent("report.md"))
    try AtomicFile.write(Data(html.utf8), to: folder.appendingPathComponent("report.html"))
  }

  /// The page: self-contained HTML that opens offline.
  public var html: String { MarblePage(results: self).markup.source }

  /// The scores as a table for a terminal: a row for each model, a column for each metric.
  public var table: String {
    let rows = [["model"] + columns.map(\.title) + ["average"]] + models.map(row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0.padded(to: $1) }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The same as Markdown, with how each score was reached, what was left out, and the published rows.
  public var markdown: String {
    let heads = ["model"] + columns.map(\.title) + ["average"]
    let parts = [
      ["# \(setting.name)", ""], [setting.explanation(grid, of: tasks), ""],
      markdownTable(heads, models.map(row)),
      ["", "## What the validation parts chose", ""],
      markdownTable(MarbleOutcome.Choice.heads, choices),
      ["", "## Data", ""], notes.map { "- \($0.escapedForMarkdown)" }, publishedSection,
      making,
    ]
    return parts.flatMap(\.self).joined(separator: "\n") + "\n"
  }

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
    value(of: model, on: task, metric)?.text ?? "–"
  }

  /// The score of a model by a metric of a task.
  func value(of model: String, on task: String, _ metric: TaskMetric) -> MarbleOutcome.Value? {
    outcome(of: model, on: task)?.values.first { $0.metric.id == metric.id }
  }

  /// What the validation part chose for each outcome, under `MarbleOutcome.Choice.heads`.
  var choices: [[String]] {
    outcomes.map { outcome in
      let monitor = tasks.first { $0.name == outcome.task }?.method.monitor
      return [outcome.model, outcome.task] + outcome.choice.cells(monitor)
    }
  }

  /// What a reader has to know of the data, a line each.
  var notes: [String] {
    let first = tasks.compactMap { task in outcomes.first { $0.task == task.name } }
    return first.map { outcome in
      let counts = Split.allCases.map { "\(outcome.counts[$0] ?? 0) \($0.rawValue)" }
      let left = outcome.leftOut.isEmpty ? "" : "; \(outcome.leftOut.count) left out"
      return (["\(outcome.task): \(counts.joined(separator: ", "))\(left)."] + outcome.remarks)
        .joined(separator: " ")
    } + missing.map { "\($0.item) is left out: \($0.reason)" }
      + failed.map { "\($0.item) has no score: \($0.reason)" }
  }

  static let nothingPublished = "No published scores of this setting are known."

  /// What others published of these tasks, a table for each protocol; none unless the setting is MARBLE's constrained
  /// track.
  var published: [PublishedExcerpt] {
    guard setting.isPublished else { return [] }
    return PublishedTable.all.compactMap { PublishedExcerpt($0, of: publishedColumns) }
  }

  /// Those of the columns that papers have.
  private var publishedColumns: [PublishedColumn] {
    columns.compactMap { column in
      guard let task = MarbleScores.Task(rawValue: column.task),
        let metric = MarbleScores.Metric(rawValue: column.metric.id), task.metrics.contains(metric)
      else { return nil }
      return PublishedColumn(task: task, metric: metric)
    }
  }

  private var publishedSection: [String] {
    let excerpts = published
    guard !excerpts.isEmpty else { return ["", "## Published", "", Self.nothingPublished] }
    return excerpts.flatMap { section(of: $0) }
  }

  private var making: [String] {
    let origin = [machine.program, machine.cpu, Wording.count(machine.cores, "core")]
    return [
      "", "## How these numbers were made", "",
      origin.joined(separator: ", ").escapedForMarkdown + ".", "",
    ] + commands.map { "    " + $0.withVisibleControls }
  }

  private func section(of excerpt: PublishedExcerpt) -> [String] {
    let words = ["\(excerpt.table.source).", excerpt.averageInWords].compactMap(\.self)
    return [
      "", "## Published: \(excerpt.table.protocolName)", "", words.joined(separator: " "), "",
    ] + markdownTable(excerpt.heads, excerpt.rows)
  }

  private func markdownTable(_ heads: [String], _ rows: [[String]]) -> [String] {
    let lines = ([heads] + rows).map { cells in
      "| " + cells.map(\.escapedForMarkdown).joined(separator: " | ") + " |"
    }
    return [lines[0], "|" + String(repeating: " --- |", count: heads.count)] + lines.dropFirst()
  }
}

extension MarbleOutcome.Choice {
  /// Those of a table of choices, after model and task.
  static let heads = [
    "model", "task", "layer", "rate", "epoch", "penalty", "stretches", "validation score",
  ]

  func cells(_ monitor: TaskMetric?) -> [String] {
    let numbers: [String?] = [
      layer.description, rate.map { "\($0)" }, epoch.map { "\($0)" }, penalty.map { "\($0)" },
      aggregation?.rawValue, monitor?.unit.number(score),
    ]
    return numbers.map { $0 ?? "–" }
  }
}

extension MarbleOutcome.Value {
  /// `63.5 (60.1…66.8)`
  var text: String { metric.unit.number(score) + (range.map { " (\($0))" } ?? "") }

  /// `60.1…66.8`
  var range: String? {
    interval.map { [$0.lowerBound, $0.upperBound].map(metric.unit.number).joined(separator: "…") }
  }
}

extension MarbleOutcome {
  /// `accuracy 72.8 (67.2…77.9), layer 7`
  public var inWords: String {
    values.map { "\($0.metric.name) \($0.text)" }.joined(separator: ", ")
      + ", \(choice.layer.inWords)"
  }
}
