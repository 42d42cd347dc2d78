import Tensor
import Train

/// The loss curves: one chart of all runs for each term, and folded those of each run by itself.
struct CurveSection {
  let report: ComparisonReport

  /// Nil if no run has a log.
  var section: PageSection? {
    let logged = report.runs.enumerated().filter { !$1.log.isEmpty }
    guard !logged.isEmpty else { return nil }
    return PageSection(
      id: "curves", title: "How the losses went",
      body: """
        \(JointCurves(report: report).markup)
        <details class="aside">
        <summary>Each run by itself, as it was logged</summary>
        <p>\(ReportNotes.curves)</p>
        \(logged.map { curves(of: $1, style: RunStyle(index: $0)) })
        </details>
        """)
  }

  private func curves(of run: RunSummary, style: RunStyle) -> Markup {
    """
    <div class="run \(style.classes)">
    <h3 class="run-head">\(style.swatch)\(run.name)</h3>
    \(run.charts)
    </div>
    """
  }
}

/// What all runs logged, one chart for each value.
private struct JointCurves {
  let report: ComparisonReport

  /// A run's values, by the place of the run.
  private typealias Course = (run: Int, course: SeedCourse)

  private var courses: [Course] {
    report.runs.enumerated().flatMap { index, run in
      (run.courses ?? SeedCourse.all(in: [run.log])).map { (run: index, course: $0) }
    }
  }

  var markup: Markup {
    let groups = groups
    let (norms, rest) = (groups.filter(\.isOfGradient), groups.filter { !$0.isOfGradient })
    let folded: Markup = """
      <details class="aside">
      <summary>Gradient norms</summary>
      <div class="charts wide">
      \(norms.map(chart))
      </div>
      </details>
      """
    return """
      <p>\(ReportNotes.jointCurves)</p>
      \(RunLegend(report: report).markup)
      <div class="charts wide">
      \(rest.map(chart))
      </div>
      \(norms.isEmpty ? .empty : folded)
      """
  }

  /// What is in one chart.
  private struct Group {
    let name: String
    let courses: [Course]
    var isOfGradient: Bool { name.hasPrefix("gradient") }
  }

  /// What is no part of the loss, and not in all logs of one objective: versions before did not know it.
  private static func isBesideLoss(_ name: String) -> Bool {
    name.hasPrefix("gradient") || name.contains(".targetPerplexity.")
      || name.contains(".targetUsage.")
  }

  /// Values of one name together; the loss for each set of terms that it is the sum of.
  private var groups: [Group] {
    let courses = courses
    let kinds = Dictionary(grouping: courses, by: \.run).mapValues { courses in
      Set(courses.map(\.course.name).filter { !Self.isBesideLoss($0) })
    }
    return courses.map(\.course.name).uniqued().flatMap { name -> [Group] in
      let own = courses.filter { $0.course.name == name }
      guard name == "loss" else { return [Group(name: name, courses: own)] }
      return own.map { kinds[$0.run]! }.uniqued().map { kind in
        Group(name: name, courses: own.filter { kinds[$0.run] == kind })
      }
    }
  }

  private func chart(_ group: Group) -> Markup {
    let series = group.courses.map { run, course in
      SeriesChart.Series(
        run: run,
        points: course.points.map {
          .init(x: Double($0.step), y: $0.mean, ends: $0.low...$0.high, hasDot: false)
        })
    }
    return SeriesChart(
      kind: "curve", title: title(group), description: description(group), xTitle: "steps",
      series: series, spread: .band, frame: .wide
    ).markup
  }

  /// With the numbers of the runs where not all are in the chart.
  private func title(_ group: Group) -> String {
    let numbers = group.courses.map { $0.run + 1 }
    return numbers.count == report.runs.count
      ? group.name : "\(group.name), \(Wording.runs(numbers))"
  }

  private func description(_ group: Group) -> String {
    let parts = group.courses.compactMap { run, course -> String? in
      guard let first = course.points.first, let last = course.points.last else { return nil }
      return "\(report.runs[run].name) from \(Wording.significant(first.mean)) to "
        + "\(Wording.significant(last.mean)) over \(Wording.grouped(last.step)) steps"
    }
    return "\(group.name). " + parts.joined(separator: "; ")
  }
}

extension RunSummary {
  /// The pace of the run, and a chart of each of its curves.
  var charts: Markup {
    """
    <p class="soft small">\(pace)</p>
    <div class="charts">
    \(curves.map(\.chart.markup))
    </div>
    """
  }
}

extension RunSummary {
  /// One logged value over the steps.
  struct Curve {
    let name: String
    let steps: [Int]
    let values: [Double]
    /// The same of held-out crops.
    var heldOut: [(step: Int, value: Double)] = []

    var chart: LossChart {
      LossChart(title: name, steps: steps, values: values, heldOut: heldOut)
    }
  }

  /// The total loss and then its terms by name. The only term of a loss is the loss, and is left out.
  /// Then the scores of probes.
  var curves: [Curve] {
    let total = Curve(
      name: "loss", steps: log.map(\.step), values: log.map { Double($0.loss) },
      heldOut: (validations ?? []).map { ($0.step, Double($0.validation.loss)) })
    let names = Set(log.flatMap(\.terms.keys)).sorted()
    return [total] + (names.count > 1 ? names.map(term) : []) + probeCurves
  }

  private func term(_ name: String) -> Curve {
    let points = log.filter { $0.terms[name] != nil }
    return Curve(
      name: name, steps: points.map(\.step),
      values: points.compactMap { $0.terms[name].map(Double.init) },
      heldOut: (validations ?? []).compactMap { record in
        record.validation.terms[name].map { (record.step, Double($0)) }
      })
  }

  private var probeCurves: [Curve] {
    let names = Set((probes ?? []).flatMap(\.probe.keys)).sorted()
    return names.map { name in
      let points = (probes ?? []).filter { $0.probe[name] != nil }
      return Curve(
        name: "probe of \(name)", steps: points.map(\.step),
        values: points.compactMap { $0.probe[name] })
    }
  }

  /// `2.1 M parameters · 700 steps in 3 min 34 s`
  var facts: String {
    let size = "\(Wording.size(parameters)) parameters"
    return trainings.isEmpty ? "\(size) · not trained here" : "\(size) · \(work)"
  }

  /// `700 steps in 3 min 34 s`; of several trainings, their time together. Updates that were left out are
  /// counted.
  private var work: String {
    let count = trainings.count
    let all = count > 1 ? ", \(Wording.count(count, "training"))" : ""
    let leftOut = trainings.reduce(0) { $0 + ($1.leftOut ?? 0) }
    let missing = leftOut > 0 ? " · \(Wording.count(leftOut, "update")) left out" : ""
    return "\(Wording.count(steps, "step"))\(all) in \(Wording.duration(seconds))\(missing)"
  }

  /// The work, and `0.42 s a step · 114 s of audio a second`: medians over the log.
  var pace: String {
    var parts = [work]
    if let median = log.map(\.secondsPerStep).median {
      parts.append("\(Wording.significant(median)) s a step")
    }
    if let median = log.map(\.audioSecondsPerSecond).median {
      parts.append("\(Wording.significant(median)) s of audio a second")
    }
    return parts.joined(separator: " · ")
  }
}
