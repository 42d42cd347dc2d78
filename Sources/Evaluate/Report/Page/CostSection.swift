/// The table of what the trainings took.
struct CostSection {
  let report: ComparisonReport

  /// Nil if that is known of no run.
  var section: PageSection? {
    let rows = CostTable(report).rows
    guard !rows.isEmpty else { return nil }
    let heads = CostTable.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return PageSection(
      id: "cost", title: "What the trainings took",
      body: """
        <p>\(CostTable.note)</p>
        <div class="scroll" role="region" aria-label="Costs" tabindex="0">
        <table>
        <caption>What one training of each run took</caption>
        <thead><tr><th scope="col">model</th>\(heads)</tr></thead>
        <tbody>
        \(rows.map(row))
        </tbody>
        </table>
        </div>
        """)
  }

  private func row(_ row: CostTable.Row) -> Markup {
    let style = RunStyle(index: row.run)
    let cells = row.cells.map { cell -> Markup in "<td>\(cell)</td>" }
    return """
      <tr class="\(style.classes)"><th scope="row">\(style.swatch)\(report.runs[row.run].name)</th>\(cells)</tr>
      """
  }
}
