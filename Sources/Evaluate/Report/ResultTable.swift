/// The table of scores for papers and spreadsheets: a row for each model, random initialisation and statistic.
struct ResultTable {
  let report: ComparisonReport

  private struct Row {
    var model: String
    var kind: String
    var results: [ProbeResult?]
  }

  private var rows: [Row] {
    let models = report.runs.flatMap { run in
      [("trained", ProbeResult.Kind.pretrained), ("random", .randomInitialisation)].map {
        word, kind in
        Row(
          model: run.name, kind: word,
          results: report.tasks.map { report.probe(run.name, kind, on: $0) })
      }
    }
    let statistics = report.statistics.map { name in
      Row(
        model: name, kind: "statistics",
        results: report.tasks.map { report.probe(name, .statistics, on: $0) })
    }
    return (models + statistics).filter { $0.results.contains { $0 != nil } }
  }

  /// Comma-separated values: for each task the mean, the ends of the interval, and the number of seeds; scores as shares.
  var csv: String {
    let heads = report.tasks.flatMap { ["\($0)", "\($0) lower", "\($0) upper", "\($0) seeds"] }
    let lines = rows.map { row in
      [row.model, row.kind]
        + row.results.flatMap { result -> [String] in
          guard let result else { return ["", "", "", ""] }
          let interval = result.interval
          let ends = [interval.mean, interval.lower, interval.upper].map {
            $0.isFinite ? "\($0)" : ""
          }
          return ends + ["\(result.scores.count)"]
        }
    }
    return ([["model", "features"] + heads] + lines).map { cells in
      cells.map(Self.quoted).joined(separator: ",")
    }.joined(separator: "\r\n") + "\r\n"
  }

  /// A `tabular` of LaTeX, of package booktabs: means with half widths of the intervals, the best mean of each task bold.
  var latex: String {
    let columns = String(repeating: "r", count: report.tasks.count)
    let body = rows.map { row in
      let name = Self.escaped(row.model) + (row.kind == "random" ? ", random" : "")
      return ([name] + row.results.map(cell)).joined(separator: " & ") + " \\\\"
    }
    let head = (["model"] + report.tasks.map(Self.escaped)).joined(separator: " & ") + " \\\\"
    return
      (["\\begin{tabular}{l\(columns)}", "\\toprule", head, "\\midrule"] + body
      + ["\\bottomrule", "\\end{tabular}"]).joined(separator: "\n") + "\n"
  }

  private func cell(_ result: ProbeResult?) -> String {
    guard let result else { return "--" }
    let (unit, interval) = (result.metric.unit, result.interval)
    let mean =
      isBest(result) ? "\\mathbf{\(unit.number(interval.mean))}" : unit.number(interval.mean)
    guard interval.halfWidth.isFinite else { return "$\(mean)$" }
    return "$\(mean) \\pm \(unit.number(interval.halfWidth))$"
  }

  private func isBest(_ result: ProbeResult) -> Bool {
    !report.probes.contains {
      $0.task == result.task && $0.metric.isBetter($0.interval.mean, than: result.interval.mean)
    }
  }

  /// RFC 4180.
  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { ",\"\r\n".contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }

  private static func escaped(_ text: String) -> String {
    let commands: [Character: String] = [
      "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    ]
    return text.map { character in
      commands[character] ?? ("&%$#_{}".contains(character) ? "\\\(character)" : "\(character)")
    }.joined()
  }
}
