/// The table of what later runs do better or worse than the first.
struct DifferenceSection {
  let report: ComparisonReport

  /// Nil if there is only one run, or single seeds.
  var section: PageSection? {
    guard let table = DifferenceTable(report) else { return nil }
    return PageSection(
      id: "differences", title: table.title,
      body: """
        \(table.notes.map { note -> Markup in "<p>\(note)</p>" })
        \(table.baseline.map { markup(of: table, against: $0) } ?? .empty)
        """)
  }

  private func markup(of table: DifferenceTable, against baseline: String) -> Markup {
    let tasks = report.tasks.map { task -> Markup in #"<th scope="col">\#(task)</th>"# }
    return """
      <div class="scroll" role="region" aria-label="Differences from \(baseline)" tabindex="0">
      <table>
      <caption>Differences from \(baseline), in \(report.differenceUnits)</caption>
      <thead><tr><th scope="col">model</th>\(tasks)</tr></thead>
      <tbody>
      \(table.places.map { row(of: $0, in: table) })
      </tbody>
      </table>
      </div>
      """
  }

  private func row(of place: Int, in table: DifferenceTable) -> Markup {
    let (run, style) = (report.runs[place], RunStyle(index: place))
    let cells = report.tasks.map { task -> Markup in
      table.difference(of: run.name, on: task)?.paired.markup ?? .noValue
    }
    return """
      <tr class="\(style.classes)"><th scope="row">\(style.swatch)\(run.name)</th>\(cells)</tr>
      """
  }
}
