/// The scores of the checkpoints that were probed: a row for each, from the random initialisation of a run to its end.
struct CourseTable {
  let heads: [String]
  /// Each begins with the run's name; empty if no checkpoints were probed on the way.
  let rows: [[String]]

  init(_ report: ComparisonReport) {
    heads = ["run", "steps", "hours heard", "operations"] + report.tasks
    rows = (report.courses ?? []).flatMap { course in
      course.points.map { [course.model] + Self.cells($0, report) }
    }
  }

  private static func cells(_ point: ProbeCourse.Point, _ report: ComparisonReport) -> [String] {
    let scores = report.tasks.map { task in
      point.result(on: task).map { report.score(of: $0) } ?? "–"
    }
    return [
      Wording.grouped(point.step), Wording.significant(point.hoursHeard),
      Wording.operations(point.operations),
    ] + scores
  }
}

extension CourseTable {
  /// The table, folded away; nothing if it is empty.
  var folded: Markup {
    guard !rows.isEmpty else { return .empty }
    let names = heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return """
      <details class="aside">
      <summary>The numbers</summary>
      <div class="scroll" role="region" aria-label="Scores of checkpoints" tabindex="0">
      <table>
      <caption>Scores of checkpoints</caption>
      <thead><tr>\(names)</tr></thead>
      <tbody>
      \(rows.map(line))
      </tbody>
      </table>
      </div>
      </details>
      """
  }

  private func line(_ row: [String]) -> Markup {
    let cells = row.dropFirst().map { cell -> Markup in "<td>\(cell)</td>" }
    return #"<tr><th scope="row">\#(row[0])</th>\#(cells)</tr>"#
  }
}
