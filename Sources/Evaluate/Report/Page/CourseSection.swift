/// Charts of the scores of runs over what their training took.
struct CourseSection {
  let report: ComparisonReport

  /// Nothing if no checkpoints were probed on the way.
  var markup: Markup {
    guard let courses = report.courses, !courses.isEmpty else { return .empty }
    return """
      <section aria-labelledby="courses">
      <h2 id="courses">Scores over the training</h2>
      <p>\(ReportNotes.courses)</p>
      <ul class="legend">
      \(report.runs.enumerated().map { name($0, $1) })
      </ul>
      <div class="charts">
      \(charts)
      </div>
      </section>
      """
  }

  private var charts: [Markup] {
    var charts: [Markup] = []
    for task in report.tasks {
      charts += ProbeCourse.Effort.allCases.compactMap { chart(of: task, over: $0) }
    }
    return charts
  }

  private func name(_ index: Int, _ run: RunSummary) -> Markup {
    #"<li class="run-\#(index % Palette.count)"><span class="swatch"></span>\#(run.name)</li>"#
  }

  private func chart(of task: String, over effort: ProbeCourse.Effort) -> Markup? {
    report.metric(of: task).map {
      CourseChart(report: report, task: task, metric: $0, effort: effort).markup
    }
  }
}

/// The scores of all runs on one task as lines over hours heard or operations, with their 95 % intervals. The line
/// begins at the random initialisation.
private struct CourseChart {
  let report: ComparisonReport
  let task: String
  let metric: Metric
  let effort: ProbeCourse.Effort

  private let frame = (left: 46.0, right: 336.0, top: 10.0, bottom: 164.0)

  /// A point of a run's line.
  private struct Mark {
    let amount: Double
    let result: ProbeResult
  }

  /// By the number of the run.
  private var lines: [(run: Int, marks: [Mark])] {
    report.runs.enumerated().compactMap { index, run -> (run: Int, marks: [Mark])? in
      let course = report.courses?.first { $0.model == run.name }
      let marks = course?.points.compactMap { point in
        point.result(on: task).map { Mark(amount: effort.amount(point), result: $0) }
      }
      return marks.map { (run: index, marks: $0) }
    }
  }

  var markup: Markup {
    """
    <figure class="chart course">
    <figcaption>\(task)</figcaption>
    <svg viewBox="0 0 360 200" role="img" aria-label="\(description)">
    \(drawing)
    </svg>
    </figure>
    """
  }

  private var description: String {
    let parts = lines.compactMap { run, marks -> String? in
      guard let first = marks.first, let last = marks.last else { return nil }
      return "\(report.runs[run].name) from \(metric.unit.text(first.result.interval.mean)) to "
        + "\(metric.unit.text(last.result.interval.mean)) after "
        + "\(Wording.significant(last.amount)) \(effort.title)"
    }
    return "\(metric.name.capitalisedFirst) on \(task). " + parts.joined(separator: "; ")
  }

  private var drawing: Markup {
    let marks = lines.flatMap(\.marks)
    let levels = [report.chance(of: task), best].compactMap(\.self)
    let x = Axis(covering: [0] + marks.map(\.amount), intervals: 4)
    let y = Axis(
      covering: (marks.map(\.result.interval.mean) + levels).map { metric.unit.factor * $0 },
      intervals: 4)
    return """
      \(grid(x, y))
      \(level("chance", report.chance(of: task), y))
      \(level("plain-best", best, y))
      \(lines.map { line($0.run, $0.marks, x, y) })
      """
  }

  private var best: Double? { report.bestStatistics(on: task)?.interval.mean }

  private func across(_ amount: Double, _ x: Axis) -> Double {
    x.position(amount, from: frame.left, to: frame.right)
  }

  /// A height inside the frame; an interval's end may lie outside.
  private func height(_ score: Double, _ y: Axis) -> Double {
    let place = y.position(metric.unit.factor * score, from: frame.bottom, to: frame.top)
    return min(max(place, frame.top), frame.bottom)
  }

  private func grid(_ x: Axis, _ y: Axis) -> Markup {
    let rows = y.ticks.map { tick -> Markup in
      let height = y.position(tick, from: frame.bottom, to: frame.top)
      return """
        <line class="grid" x1="\(frame.left)" x2="\(frame.right)" y1="\(height)" y2="\(height)"/>
        <text class="tick end" x="\(frame.left - 7)" y="\(height + 4)">\(y.label(tick))</text>
        """
    }
    let columns = x.ticks.map { tick -> Markup in
      """
      <text class="tick middle" x="\(across(tick, x))" y="\(frame.bottom + 17)">\(x.label(tick))</text>
      """
    }
    return """
      \(rows)
      \(columns)
      <line class="axis" x1="\(frame.left)" x2="\(frame.right)" y1="\(frame.bottom)" y2="\(frame.bottom)"/>
      <text class="tick middle" x="\((frame.left + frame.right) / 2)" y="\(frame.bottom + 32)">\(effort.title)</text>
      """
  }

  private func level(_ name: Markup, _ score: Double?, _ y: Axis) -> Markup {
    guard let score else { return .empty }
    let height = height(score, y)
    return """
      <line class="\(name)" x1="\(frame.left)" x2="\(frame.right)" y1="\(height)" y2="\(height)"/>
      """
  }

  private func line(_ run: Int, _ marks: [Mark], _ x: Axis, _ y: Axis) -> Markup {
    let places = marks.map { mark -> String in
      "\(Wording.coordinate(across(mark.amount, x))) "
        + Wording.coordinate(height(mark.result.interval.mean, y))
    }
    return """
      <g class="run-\(run % Palette.count)">
      <path class="smooth" d="M\(places.joined(separator: "L"))"/>
      \(marks.enumerated().map { dot($1, isFirst: $0 == 0, x, y) })
      </g>
      """
  }

  private func dot(_ mark: Mark, isFirst: Bool, _ x: Axis, _ y: Axis) -> Markup {
    let (place, interval) = (across(mark.amount, x), mark.result.interval)
    let kind: Markup = mark.result.repeats == .folds ? "interval folds" : "interval"
    let bar: Markup =
      interval.halfWidth.isFinite
      ? """
      <line class="\(kind)" x1="\(place)" x2="\(place)" y1="\(height(interval.lower, y))" \
      y2="\(height(interval.upper, y))"/>
      """ : .empty
    return """
      \(bar)
      <circle class="\(isFirst ? "hollow" : "full")" cx="\(place)" cy="\(height(interval.mean, y))" r="3.5"/>
      """
  }
}
