/// The table of what later runs do better or worse than the first.
struct DifferenceSection {
  let report: ComparisonReport

  /// Nothing if there is only one run, or single seeds.
  var markup: Markup {
    guard let baseline = report.differences.first?.baseline else { return .empty }
    let tasks = report.tasks.map { task -> Markup in #"<th scope="col">\#(task)</th>"# }
    return """
      <section aria-labelledby="differences">
      <h2 id="differences">Against \(baseline)</h2>
      <p>\(ReportNotes.differences(report))</p>
      <div class="scroll" role="region" aria-label="Differences from the first run" tabindex="0">
      <table>
      <caption>Differences from \(baseline), in \(report.differenceUnits)</caption>
      <thead><tr><th scope="col">model</th>\(tasks)</tr></thead>
      <tbody>
      \(report.runs.dropFirst().map(row))
      </tbody>
      </table>
      </div>
      </section>
      """
  }

  private func row(of run: RunSummary) -> Markup {
    let cells = report.tasks.map { cell(report.difference(of: run.name, on: $0)) }
    return #"<tr><th scope="row">\#(run.name)</th>\#(cells)</tr>"#
  }

  private func cell(_ difference: RunDifference?) -> Markup {
    guard let difference else { return #"<td class="absent">–</td>"# }
    let side = !difference.isClear ? "" : difference.isBetter ? "learned" : "worse"
    return #"<td class="\#(side)">\#(difference.cell)</td>"#
  }
}
