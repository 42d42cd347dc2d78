/// The table of the labels that the students learned from.
struct TeacherSection {
  let report: ComparisonReport

  /// Nil if no run keeps what its labels are like.
  var section: PageSection? {
    let table = TeacherTable(report)
    guard !table.rows.isEmpty else { return nil }
    let heads = table.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return PageSection(
      id: "labels", title: "What the labels hold, and what was learned from them",
      body: """
        <p>\(TeacherTable.note)</p>
        <div class="scroll" role="region" aria-label="Labels" tabindex="0">
        <table>
        <caption>Labels and students</caption>
        <thead><tr><th scope="col">model</th>\(heads)</tr></thead>
        <tbody>
        \(table.rows.map { row($0, table.scores(of: $0, report)) })
        </tbody>
        </table>
        </div>
        """)
  }

  private func row(_ row: TeacherTable.Row, _ scores: [String]) -> Markup {
    let (style, name) = (RunStyle(index: row.run), report.runs[row.run].name)
    let cells = (row.cells + scores).map { cell -> Markup in "<td>\(cell)</td>" }
    return """
      <tr class="\(style.classes)"><th scope="row">\(style.swatch)\(name)\
      \(row.set.isEmpty ? .empty : "<small>\(row.set)</small>")</th>\(cells)</tr>
      """
  }
}
