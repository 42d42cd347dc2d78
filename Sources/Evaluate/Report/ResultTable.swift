import Foundation

/// The table of scores for papers and spreadsheets: a row for each model, random initialisation and statistic, and guessing.
struct ResultTable {
  let report: ComparisonReport

  private struct Row {
    var model: String
    var kind: String
    /// Trainings of the model that were stopped: then a mean over the others would look like one of all.
    var stopped = 0
    var cells: [Cell]
  }

  private enum Cell {
    case nothing, stopped
    case result(ProbeResult)
    case chance(Double, ScoreUnit)
  }

  private var rows: [Row] {
    let models = report.runs.indices.flatMap { place in
      [trained(place)] + (report.isFirstOfInitialisation(place) ? [random(place)] : [])
    }
    let statistics = report.statistics.map { name in
      Row(model: name, kind: "statistics", cells: cells(name, .statistics))
    }
    let chance = Row(
      model: "chance", kind: "chance",
      cells: report.tasks.map { task in
        guard let chance = report.chance(of: task), let metric = report.metric(of: task) else {
          return .nothing
        }
        return .chance(chance, metric.unit)
      })
    return report.probes.isEmpty ? [] : models + statistics + [chance]
  }

  private func trained(_ place: Int) -> Row {
    let run = report.runs[place]
    let cells =
      run.stopped.isEmpty ? cells(run.name, .pretrained) : report.tasks.map { _ in .stopped }
    return Row(model: run.name, kind: "trained", stopped: run.stopped.count, cells: cells)
  }

  /// Runs of one encoder share their random initialisations, which stand once.
  private func random(_ place: Int) -> Row {
    let names = report.runs(sharingInitialisationOf: place).map { report.runs[$0].name }
    let isOfAll = names.count > 1 && names.count == report.runs.count
    return Row(
      model: isOfAll ? "all models" : names.joined(separator: ", "), kind: "random",
      cells: cells(report.runs[place].name, .randomInitialisation))
  }

  private func cells(_ name: String, _ kind: ProbeResult.Kind) -> [Cell] {
    report.tasks.map { report.probe(name, kind, on: $0).map(Cell.result) ?? .nothing }
  }
}

// MARK: - Comma-separated values

extension ResultTable {
  /// Comma-separated values: for each task the mean, the ends of the interval, and the number of seeds, scores as shares;
  /// at the end how many trainings of the model were stopped, whose scores are left out.
  var csv: String {
    let heads = report.tasks.flatMap { task in
      ["", " lower", " upper", " seeds"].map { Self.quoted(task + $0) }
    }
    let lines = rows.map { row in
      [Self.quoted(row.model), row.kind] + row.cells.flatMap(values) + ["\(row.stopped)"]
    }
    return ([["model", "features"] + heads + ["stopped"]] + lines).map {
      $0.joined(separator: ",")
    }.joined(separator: "\r\n") + "\r\n"
  }

  private func values(_ cell: Cell) -> [String] {
    switch cell {
    case .nothing, .stopped: return ["", "", "", ""]
    case .chance(let score, _): return ["\(score)", "", "", ""]
    case .result(let result):
      let interval = result.interval
      let ends = [interval.mean, interval.lower, interval.upper].map {
        $0.isFinite ? "\($0)" : ""
      }
      return ends + ["\(result.scores.count)"]
    }
  }

  /// RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe.
  private static func quoted(_ text: String) -> String {
    let isFormula =
      text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let text = isFormula ? "'" + text : text
    // By scalars: to Swift, a line end of two is one character.
    let special = CharacterSet(charactersIn: ",\"\r\n")
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    return "\"" + text.byScalars { $0 == "\"" ? "\"\"" : String($0) } + "\""
  }
}

// MARK: - LaTeX

extension ResultTable {
  /// A `tabular` of LaTeX, of package booktabs: means with half widths of the intervals, the best mean of each task bold.
  var latex: String {
    let columns = String(repeating: "r", count: report.tasks.count)
    let body = rows.map { row in
      let name = Self.escaped(row.model) + (row.kind == "random" ? ", random" : "")
      return line([name] + row.cells.map(text))
    }
    let head = line(["model"] + report.tasks.map(Self.escaped))
    return
      (["\\begin{tabular}{l\(columns)}", "\\toprule", head, "\\midrule"] + body
      + ["\\bottomrule", "\\end{tabular}"]).joined(separator: "\n") + "\n"
  }

  /// A row. One that begins like an argument of the row end before it is kept apart from that.
  private func line(_ cells: [String]) -> String {
    let first = cells[0].unicodeScalars.first { !$0.properties.isWhitespace }
    let isArgument = first == "[" || first == "*"
    return (isArgument ? "{}" : "") + cells.joined(separator: " & ") + " \\\\"
  }

  private func text(_ cell: Cell) -> String {
    switch cell {
    case .nothing: return "--"
    case .stopped: return "stopped"
    case .chance(let score, let unit): return "$\(Self.number(score, unit))$"
    case .result(let result):
      let (unit, interval) = (result.metric.unit, result.interval)
      let number = Self.number(interval.mean, unit)
      let mean = isBest(result) ? "\\mathbf{\(number)}" : number
      guard interval.halfWidth.isFinite else { return "$\(mean)$" }
      return "$\(mean) \\pm \(Self.number(interval.halfWidth, unit))$"
    }
  }

  private func isBest(_ result: ProbeResult) -> Bool {
    !report.probes.contains {
      $0.task == result.task && report.isComplete($0)
        && $0.metric.isBetter($0.meanScore, than: result.meanScore)
    }
  }

  /// With the minus sign of LaTeX's formulas.
  private static func number(_ score: Double, _ unit: ScoreUnit) -> String {
    unit.number(score).replacing("−", with: "-")
  }

  private static func escaped(_ text: String) -> String {
    let commands: [Unicode.Scalar: String] = [
      "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    ]
    return text.byScalars { scalar in
      if scalar.properties.generalCategory == .control { return " " }
      return commands[scalar]
        ?? ("&%$#_{}".unicodeScalars.contains(scalar) ? "\\\(scalar)" : String(scalar))
    }
  }
}

extension String {
  /// With a text for each scalar: a sign with a mark behind it is one character to Swift, and to those who read the file
  /// still that sign.
  fileprivate func byScalars(_ text: (Unicode.Scalar) -> String) -> String {
    unicodeScalars.map(text).joined()
  }
}
