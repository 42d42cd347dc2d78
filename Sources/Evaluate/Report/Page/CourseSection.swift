/// Charts of the scores of runs over what their training took: of their checkpoints, where these were probed, or of their
/// ends alone.
struct CourseSection {
  let report: ComparisonReport

  /// Nil if no checkpoints were probed on the way, and what the trainings took is not known of two runs.
  var section: PageSection? {
    let lines = lines
    guard report.courses?.isEmpty == false || lines.count > 1 else { return nil }
    return PageSection(
      id: "courses", title: report.courses == nil ? "Scores over cost" : "Scores over the training",
      body: """
        <p>\(ReportNotes.courses(report))</p>
        \(RunLegend(report: report).markup)
        \(efforts.map { charts(lines, over: $0) })
        \(CourseTable(report).folded)
        """)
  }

  /// Steps only where checkpoints were probed: those of trainings with other batches are no cost to compare by.
  private var efforts: [ProbeCourse.Effort] {
    report.courses == nil ? [.hours, .operations] : ProbeCourse.Effort.allCases
  }

  /// The course of each run, by the place of the run: one point of a run whose end alone was probed. A mean over some
  /// trainings of a recipe would look like one of all, so one with a stopped training has none.
  private var lines: [(run: Int, course: ProbeCourse)] {
    report.runs.enumerated().compactMap { index, run in
      guard run.stopped.isEmpty else { return nil }
      let course = report.courses?.first { $0.model == run.name } ?? report.end(of: run)
      return course.map { (run: index, course: $0) }
    }
  }

  private func charts(
    _ lines: [(run: Int, course: ProbeCourse)], over effort: ProbeCourse.Effort
  ) -> Markup {
    let charts = report.tasks.compactMap { task in
      report.metric(of: task).map { chart(of: task, over: effort, lines, $0) }
    }
    return """
      <h3 class="run-head">Over \(effort.words)</h3>
      <div class="charts">
      \(charts)
      </div>
      """
  }

  private func chart(
    of task: String, over effort: ProbeCourse.Effort, _ lines: [(run: Int, course: ProbeCourse)],
    _ metric: Metric
  ) -> Markup {
    let unit = effort.unit(for: lines.flatMap { $0.course.points.map(effort.amount) }.max() ?? 0)
    let series = lines.map { run, course in
      SeriesChart.Series(
        run: run,
        points: course.points.compactMap { point(effort.amount($0) / unit.size, $0, task) })
    }.filter { !$0.points.isEmpty }
    return SeriesChart(
      kind: "course", title: task, description: description(task, unit.name, series, metric),
      xTitle: unit.name, series: series,
      levels: report.levels(on: task), hasWholeSteps: effort == .steps
    ).markup
  }

  private func point(
    _ amount: Double, _ point: ProbeCourse.Point, _ task: String
  ) -> SeriesChart.Point? {
    point.result(on: task).map { result in
      let (interval, factor) = (result.interval, result.metric.unit.factor)
      return SeriesChart.Point(
        x: amount, y: factor * interval.mean,
        ends: interval.halfWidth.isFinite
          ? factor * interval.lower...factor * interval.upper : nil,
        isHollow: point.step == 0, isOfFolds: result.repeats == .folds)
    }
  }

  private func description(
    _ task: String, _ unit: String, _ series: [SeriesChart.Series], _ metric: Metric
  ) -> String {
    let parts = series.map { series in
      let (first, last) = (series.points[0], series.points.last!)
      func score(_ point: SeriesChart.Point) -> String {
        metric.unit.text(point.y / metric.unit.factor)
      }
      return "\(report.runs[series.run].name) "
        + (series.points.count > 1 ? "from \(score(first)) to " : "") + score(last)
        + " after \(Wording.significant(last.x)) \(unit)"
    }
    return "\(metric.name.capitalisedFirst) on \(task). " + parts.joined(separator: "; ")
  }
}

extension ComparisonReport {
  /// The lines of guessing and of the best hand-made statistics across a chart of scores.
  func levels(on task: String) -> [SeriesChart.Level] {
    let best = bestStatistics(on: task).map {
      SeriesChart.Level(kind: "plain-best", value: $0.metric.unit.factor * $0.interval.mean)
    }
    return chanceLevel(on: task) + [best].compactMap(\.self)
  }

  /// The line of guessing.
  func chanceLevel(on task: String) -> [SeriesChart.Level] {
    guard let factor = metric(of: task)?.unit.factor, let chance = chance(of: task) else {
      return []
    }
    return [SeriesChart.Level(kind: "chance", value: factor * chance)]
  }

  /// What a run reached at its end, as a course of one point; nil if it was not probed, or its cost is not known.
  fileprivate func end(of run: RunSummary) -> ProbeCourse? {
    let results = tasks.compactMap { probe(run.name, .pretrained, on: $0) }
    guard let cost = run.cost, !results.isEmpty, results.allSatisfy(isComplete) else { return nil }
    let point = ProbeCourse.Point(
      step: run.steps, hoursHeard: cost.hoursHeard, operations: cost.operations, results: results)
    return ProbeCourse(model: run.name, points: [point])
  }
}
