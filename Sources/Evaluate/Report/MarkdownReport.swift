import Audio
import Settings

/// The report as Markdown, for a terminal or a code host: the same numbers without the drawings.
struct MarkdownReport {
  let report: ComparisonReport

  var text: String {
    [
      header, verdicts, probes, differences, effects, published, costs, courses, layers, keys,
      teachers, codecs, curves, settings, leftOut, making,
    ]
    .filter { !$0.isEmpty }
    .map { $0.joined(separator: "\n") }
    .joined(separator: "\n\n") + "\n"
  }

  private var header: [String] {
    let machine = report.machine
    return [
      "# \(report.title.escapedForMarkdown)", "",
      "\(Wording.date(report.date)), \(Wording.duration(report.seconds)) of training and probes; "
        + "\(machine.cpu.escapedForMarkdown), \(Wording.count(machine.cores, "core")); "
        + "\(machine.program.escapedForMarkdown).",
    ]
  }

  private var verdicts: [String] {
    let paragraphs = report.runs.flatMap { run -> [String] in
      let verdict = Verdict(report: report, run: run)
      let words = verdict.sentences.joined(separator: " ").escapedForMarkdown
      return [
        "",
        "**\(run.name.escapedForMarkdown)** (\(verdict.headline); "
          + "\(Wording.size(run.parameters)) parameters). \(words)",
      ]
    }
    return ["## What each model learned"] + paragraphs
  }

  private var probes: [String] {
    guard !report.probes.isEmpty else { return [] }
    let tasks = report.tasks
    let models = report.runs.enumerated().flatMap { place, run in
      [[run.name] + tasks.map { pretrainedCell(run.name, $0) }] + randomRows(of: place)
    }
    let statistics = report.statistics.map { name in
      [name] + tasks.map { cell(report.probe(name, .statistics, on: $0)) }
    }
    let chance = ["chance"] + tasks.map { report.chanceCell(of: $0) }
    let notes =
      [ReportNotes.probes(report)] + ReportNotes.music(report.runs) + ReportNotes.heard(report)
      + ReportNotes.intervals(report)
    return ["## What the frozen features can tell", ""]
      + notes.flatMap { [$0.escapedForMarkdown, ""] }
      + table(["model"] + tasks, models + statistics + [chance]) + ranks
  }

  /// Runs of one encoder share their random initialisations, which stand once.
  private func randomRows(of place: Int) -> [[String]] {
    let runs = report.runs(sharingInitialisationOf: place)
    guard runs.isEmpty || runs[0] == place else { return [] }
    let names = (runs.isEmpty ? [place] : runs).map { report.runs[$0].name }
    return [
      ["\(names.joined(separator: ", ")), random initialisation"]
        + report.tasks.map {
          cell(report.probe(report.runs[place].name, .randomInitialisation, on: $0))
        }
    ]
  }

  private var ranks: [String] {
    let rows = OverallRanks(report).rows
    guard !rows.isEmpty else { return [] }
    return ["", OverallRanks.note, ""]
      + table(
        ["model", "mean rank", "mean score"],
        rows.map { [$0.model, Wording.fixed($0.meanRank, 1), $0.average ?? "–"] })
  }

  private func cell(_ result: ProbeResult?) -> String {
    guard let result else { return "not probed" }
    return report.score(of: result) + (result.layer.map { " (layer \($0))" } ?? "")
      + (report.isBestStatistics(result) ? ", the best" : "")
  }

  private func pretrainedCell(_ model: String, _ task: String) -> String {
    if report.isStopped(model, on: task) { return "stopped" }
    let mark = report.outcome(of: model, on: task).map { "; \($0.mark)" } ?? ""
    return cell(report.probe(model, .pretrained, on: task)) + mark
  }

  private var differences: [String] {
    guard let differences = DifferenceTable(report) else { return [] }
    let rows = differences.places.map { report.runs[$0].name }.map { name in
      [name] + report.tasks.map { differences.difference(of: name, on: $0)?.cell ?? "–" }
    }
    return ["## \(differences.title.escapedForMarkdown)", ""]
      + differences.notes.flatMap { [$0.escapedForMarkdown, ""] }
      + (rows.isEmpty ? [] : table(["model"] + report.tasks, rows))
  }

  private var courses: [String] {
    let courses = CourseTable(report)
    return courses.rows.isEmpty
      ? []
      : ["## Scores over the training", "", ReportNotes.scoresOverTraining, ""]
        + table(courses.heads, courses.rows)
  }

  private var effects: [String] {
    let effects = report.effects
    guard !effects.isEmpty else { return [] }
    let rows = effects.map(\.change).uniqued().map { change in
      let own = effects.filter { $0.change == change }
      let cells = report.tasks.map { task in
        own.first { $0.task == task }?.paired.cell ?? "–"
      }
      return [change.title, "\(own[0].pairs.count)"] + cells
    }
    return [
      "## What each setting does", "", ReportNotes.effects(report, effects).escapedForMarkdown, "",
    ]
      + table(["change", "pairs"] + report.tasks, rows)
  }

  private var published: [String] {
    let lines = PublishedRows(report).lines
    guard !lines.isEmpty else { return [] }
    let rows = lines.map { line in
      [
        line.row.title, Wording.fixed(line.row.average, 1), "\(line.row.rank)",
        line.contender ?? "–", line.meanRank.map { Wording.fixed($0, 1) } ?? "–",
      ] + line.row.scores.map { Wording.fixed($0, 1) }
    }
    return ["## What was published", "", PublishedRows.note, ""]
      + table(PublishedRows.heads, rows)
  }

  private var costs: [String] {
    let rows = CostTable(report).rows
    guard !rows.isEmpty else { return [] }
    return ["## What the trainings took", "", CostTable.note, ""]
      + table(["model"] + CostTable.heads, rows.map { [report.runs[$0.run].name] + $0.cells })
  }

  private var layers: [String] {
    let profiles = report.tasks.flatMap { task in
      LayerProfile.all(in: report, on: task).map { (task: task, profile: $0) }
    }
    guard !profiles.isEmpty else { return [] }
    let count = profiles.map(\.profile.layers.count).max()!
    let rows = profiles.map { task, profile in
      let cells = profile.cells
      return [task, report.runs[profile.run].name] + cells
        + [String](repeating: "–", count: count - cells.count)
    }
    return ["## What each layer holds", "", ReportNotes.layersInWords, ""]
      + table(["task", "model"] + (0..<count).map(String.init), rows)
  }

  private var keys: [String] {
    let tables = report.tasks.map { KeyTable(report, task: $0) }.filter { !$0.rows.isEmpty }
    return tables.isEmpty
      ? []
      : ["## Which keys are taken for which", "", KeyTable.note, ""]
        + tables.flatMap { keys in
          table(["model"] + KeyTable.heads, keys.rows.map { [$0.name] + $0.cells })
        }
  }

  private var teachers: [String] {
    let teachers = TeacherTable(report)
    guard !teachers.rows.isEmpty else { return [] }
    let rows = teachers.rows.map { row in
      [report.runs[row.run].name, row.set.isEmpty ? "–" : row.set] + row.cells
        + teachers.scores(of: row, report)
    }
    return [
      "## What the labels hold, and what was learned from them", "", TeacherTable.note, "",
    ] + table(["model", "labels"] + teachers.heads, rows)
  }

  private var codecs: [String] {
    let parts = report.codecs.flatMap { codec, runs in
      let title = CodecSection.title(codec, of: runs.map { report.runs[$0].name })
      let rows = CodecTable(codec.measures)
      return ["", title.escapedForMarkdown + ". " + rows.sentence, ""]
        + table(CodecTable.heads, rows.rows)
    }
    return parts.isEmpty
      ? [] : ["## \(CodecSection.title)", "", CodecTable.notes.escapedForMarkdown] + parts
  }

  private var curves: [String] {
    let rows = report.runs.flatMap { run in
      run.curves.map { curve in
        let course = LossCourse(curve.values)
        return [
          run.name, curve.name, course.map { Wording.significant($0.start) } ?? "–",
          course.map { Wording.significant($0.end) } ?? "–", run.pace,
        ]
      }
    }
    return [
      "## How the losses went", "", "Means over the first and the last tenth of the log.", "",
    ]
      + table(["run", "loss", "first", "last", "pace"], rows)
  }

  private var settings: [String] {
    let rows = SettingsTable(report.runs).differing
    let heading = ["## What differs in the configurations", ""]
    if rows.isEmpty { return heading + ["Nothing."] }
    return heading
      + table(
        ["setting"] + report.runs.map(\.name),
        rows.map { row in [row.path] + row.values.map { $0 ?? "–" } })
  }

  private var leftOut: [String] {
    let files = LeftOut(report.runs)
    return ["## Left out of the data", ""] + section(files) + probesLeftOut
  }

  private var probesLeftOut: [String] {
    guard let probed = report.probed, !probed.skipped.isEmpty else { return [] }
    return [""] + section(LeftOut(probed))
  }

  private func section(_ files: LeftOut) -> [String] {
    if files.files.isEmpty { return [files.sentence] }
    return [files.sentence, ""]
      + table(["file", "why"], files.files.map { [$0.path, $0.reason] })
  }

  private var making: [String] {
    let method = report.method.map(\.escapedForMarkdown).flatMap { [$0, ""] }
    let commands = report.commands.flatMap { $0.split(separator: "\n") }
      .map { "    " + String($0).withVisibleControls }
    return ["## How these numbers were made", ""] + method
      + ReportNotes.rule(report).flatMap { [$0, ""] } + commands + work
  }

  private var work: [String] {
    let work = WorkTable(report)
    return work.rows.isEmpty ? [] : ["", WorkTable.title, ""] + table(WorkTable.heads, work.rows)
  }

  /// A table of plain texts; escapes them.
  private func table(_ heads: [String], _ rows: [[String]]) -> [String] {
    let lines = ([heads] + rows).map { cells in
      "| " + cells.map(\.escapedForMarkdown).joined(separator: " | ") + " |"
    }
    let rule = "|" + String(repeating: " --- |", count: heads.count)
    return [lines[0], rule] + lines.dropFirst()
  }
}
