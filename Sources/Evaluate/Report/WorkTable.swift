import Train

/// By which programs and commands trainings were made: a row for each process that worked on one.
struct WorkTable {
  static let title = "Commits and commands of the trainings"
  static let heads = ["run", "seed", "from step", "begun", "program", "command"]

  /// Empty if it is not known, as in older reports.
  let rows: [[String]]

  /// Of all trainings of a comparison.
  init(_ report: ComparisonReport) {
    rows = report.runs.flatMap { run in
      run.trainings.flatMap { training in
        (training.work ?? []).map { Self.row(run.name, training.seed, $0) }
      }
    }
  }

  /// Of one run.
  init(_ report: RunReport) {
    rows = report.work.map { Self.row(report.run.name, $0.seed, $0) }
  }

  private static func row(_ run: String, _ seed: Int?, _ work: RunInformation.Work) -> [String] {
    [
      run, seed.map(String.init) ?? "–", Wording.grouped(work.step), Wording.date(work.date),
      ComparisonReport.Origin(work).program, Shell.command(work.command),
    ]
  }
}

extension WorkTable {
  /// The table, folded away; nothing if it is empty.
  var folded: Markup {
    guard !rows.isEmpty else { return .empty }
    let heads = Self.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    let lines = rows.map { row -> Markup in
      let cells = row.dropFirst().dropLast().map { cell -> Markup in "<td>\(cell)</td>" }
      return
        #"<tr><th scope="row">\#(row[0])</th>\#(cells)<td><code>\#(row[row.count - 1])</code></td></tr>"#
    }
    return """
      <details>
      <summary>\(Self.title)</summary>
      <div class="scroll" role="region" aria-label="\(Self.title)" tabindex="0">
      <table>
      <caption>\(Self.title)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(lines)
      </tbody>
      </table>
      </div>
      </details>
      """
  }
}
