/// What a report says of one run, in plain words made from its numbers alone.
struct Verdict {
  let report: ComparisonReport
  let run: RunSummary

  private var outcomes: [TaskOutcome] { report.outcomes(of: run.name) }

  private func outcomes(_ judgement: TaskOutcome.Judgement) -> [TaskOutcome] {
    outcomes.filter { $0.judgement == judgement }
  }

  /// `learned 2 of 3 tasks`.
  var headline: String {
    let compared = outcomes.filter { $0.judgement != .notComparable }.count
    if compared == 0 { return "not compared" }
    let learned = outcomes(.learned).count
    return "learned \(learned == 0 ? "none" : "\(learned)") of \(Wording.count(compared, "task"))"
  }

  /// The whole paragraph, a sentence per element.
  var sentences: [String] {
    [learned, smallGains, notLearned, worse, notCompared, strongerStatistics, loss]
      .compactMap(\.self)
  }

  private var learned: String? {
    let tasks = outcomes(.learned)
    if outcomes.isEmpty { return "It was not probed." }
    if outcomes.allSatisfy({ $0.judgement == .notComparable }) { return nil }
    if tasks.isEmpty {
      return "On no task does it beat its own random initialisation by a margin that counts."
    }
    let gains = tasks.map { "\($0.task) (\(comparison($0)), \(points($0)))" }
    return "It beats its own random initialisation, outside the intervals, on "
      + Wording.list(gains) + "."
  }

  private var smallGains: String? {
    let gains = outcomes(.smallGain).map { "\($0.task) (\(comparison($0)), \(points($0)))" }
    return gains.isEmpty
      ? nil
      : "Outside the intervals, but too little to count, is the gain on \(Wording.list(gains))."
  }

  private var notLearned: String? {
    let tasks = outcomes(.withinIntervals).map {
      "\($0.task) (\(comparison($0))\(guessing($0)))"
    }
    guard !tasks.isEmpty else { return nil }
    return "It did not learn \(Wording.list(tasks, "or")): "
      + (tasks.count == 1 ? "the difference lies" : "the differences lie")
      + " inside the intervals."
  }

  private var worse: String? {
    let tasks = outcomes(.worse).map {
      "\($0.task) (\(comparison($0)), \(points($0))\(guessing($0)))"
    }
    return tasks.isEmpty
      ? nil : "Training made it worse, outside the intervals, at \(Wording.list(tasks))."
  }

  private var notCompared: String? {
    let tasks = outcomes(.notComparable).map { "\($0.task) (\(comparison($0)))" }
    return tasks.isEmpty
      ? nil
      : "Too little was measured to judge \(Wording.list(tasks)): it takes several seeds of both the "
        + "model and its random initialisation."
  }

  private var loss: String? {
    guard let course = LossCourse(run.log.map(\.loss)) else { return nil }
    if let broken = run.log.first(where: { !$0.loss.isFinite }) {
      return "The loss stopped being a number at step \(Wording.grouped(broken.step))."
    }
    let values =
      "from \(Wording.significant(course.start)) to \(Wording.significant(course.end))"
    let steps = "over \(Wording.count(run.steps, "step"))"
    return course.end < course.start
      ? "Its loss fell \(values) \(steps)."
      : "Its loss did not fall: \(values) \(steps)."
  }

  /// Statistics that no model made and that beat this one outside the intervals.
  private var strongerStatistics: String? {
    let stronger = report.statistics.compactMap { name -> String? in
      let tasks = outcomes.compactMap { outcome -> String? in
        guard let own = report.probe(run.name, .pretrained, on: outcome.task)?.interval,
          let plain = report.probe(name, .statistics, on: outcome.task)?.interval,
          plain.lower > own.upper
        else { return nil }
        return "\(outcome.task) (\(Wording.percent(plain.mean))%)"
      }
      return tasks.isEmpty ? nil : "\(name) on \(Wording.list(tasks))"
    }
    return stronger.isEmpty
      ? nil : "Features that learned nothing do better still: \(Wording.list(stronger))."
  }

  private func comparison(_ outcome: TaskOutcome) -> String {
    guard let random = outcome.randomAccuracy else {
      return "\(Wording.percent(outcome.accuracy))%"
    }
    return "\(Wording.percent(outcome.accuracy))% against \(Wording.percent(random))%"
  }

  private func points(_ outcome: TaskOutcome) -> String {
    "\(Wording.points(outcome.gain ?? 0)) points"
  }

  /// Says so when the interval holds the accuracy of guessing, or lies below it.
  private func guessing(_ outcome: TaskOutcome) -> String {
    guard let probe = report.probe(run.name, .pretrained, on: outcome.task),
      probe.interval.lower <= probe.chance
    else { return "" }
    return ", no better than guessing at \(Wording.percent(probe.chance))%"
  }
}

/// Where a loss began and where it ended: means over the first and the last tenth of its points.
struct LossCourse {
  let start: Double
  let end: Double

  /// None without a finite value.
  init?(_ losses: [Double]) {
    let finite = losses.filter(\.isFinite)
    guard !finite.isEmpty else { return nil }
    let few = max(1, finite.count / 10)
    start = finite.prefix(few).reduce(0, +) / Double(few)
    end = finite.suffix(few).reduce(0, +) / Double(few)
  }
}
