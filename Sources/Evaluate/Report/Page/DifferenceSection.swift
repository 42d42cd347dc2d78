/// The table of what later runs do better or worse than the first.
struct DifferenceSection {
  let report: ComparisonReport

  /// Nil if there is only one run, or single seeds.
  var section: PageSection? {
    guard let baseline = report.differences.first?.baseline else { return nil }
    let tasks = report.tasks.map { task -> Markup in #"<th scope="col">\#(task)</th>"# }
    return PageSection(
      id: "differences", title: "Against \(baseline)",
      body: """
        <p>\(ReportNotes.differences(report))</p>
        <div class="scroll" role="region" aria-label="Differences from the first run" tabindex="0">
        <table>
        <caption>Differences from \(baseline), in \(report.differenceUnits)</caption>
        <thead><tr><th scope="col">model</th>\(tasks)</tr></thead>
        <tbody>
        \(report.runs.enumerated().dropFirst().map { row(of: $1, RunStyle(index: $0)) })
        </tbody>
        </table>
        </div>
        """)
  }

  private func row(of run: RunSummary, _ style: RunStyle) -> Markup {
    let cells = report.tasks.map { cell(report.difference(of: run.name, on: $0)) }
    return """
      <tr class="\(style.classes)"><th scope="row">\(style.swatch)\(run.name)</th>\(cells)</tr>
      """
  }

  private func cell(_ difference: RunDifference?) -> Markup {
    guard let difference else { return #"<td class="absent">–</td>"# }
    let side = !difference.isClear ? "" : difference.isBetter ? "learned" : "worse"
    return #"<td class="\#(side)">\#(difference.cell)</td>"#
  }
}
