import Train

/// The verdict on one run, in words made from its numbers.
struct Verdict {
  let report: ComparisonReport
  let run: RunSummary

  private var outcomes: [TaskOutcome] { report.outcomes(of: run.name) }

  private func outcomes(_ judgement: TaskOutcome.Judgement) -> [TaskOutcome] {
    outcomes.filter { $0.judgement == judgement }
  }

  /// `learned 2 of 3 tasks`, or why nothing is judged.
  var headline: String {
    if !run.stopped.isEmpty { return "\(stops), not judged" }
    if !outcomes(.trainedOnce).isEmpty {
      return run.trainings.isEmpty ? "one model, not judged" : "trained once, not judged"
    }
    guard !judged.isEmpty else { return "not compared" }
    let learned = outcomes(.learned).count
    let beaten = judged.count { $0.standing == .better }
    return
      "learned \(learned == 0 ? "none" : "\(learned)") of \(Wording.count(judged.count, "task"))"
      + (beaten == 0 ? "" : ", beats hand-made statistics on \(beaten)")
  }

  /// The whole paragraph, a sentence per element.
  var sentences: [String] {
    [
      stopped, trainedOnce, higherStatistics, lowerStatistics, learned, smallGains, undecided,
      worse, smallLosses, notCompared, beatenStatistics, strongerStatistics, loss,
    ].compactMap(\.self)
  }

  private var judged: [TaskOutcome] { outcomes.filter(\.isJudged) }

  /// `1 of 3 trainings`
  private var stopCount: String {
    "\(run.stopped.count) of \(Wording.count(run.trainings.count, "training"))"
  }

  /// `1 of 3 collapsed at step 213`; `2 of 3 trainings stopped` where they ended in different ways, or it is not known
  /// how.
  private var stops: String {
    guard let ending = run.stopped.first?.ending,
      run.stopped.allSatisfy({ $0.ending == ending })
    else { return "\(stopCount) stopped" }
    let steps = run.stopped.map { Wording.grouped($0.steps) }
    return "\(run.stopped.count) of \(run.trainings.count) \(ending.rawValue) at "
      + "step\(steps.count == 1 ? "" : "s") \(Wording.list(steps))"
  }

  private var stopped: String? {
    guard !run.stopped.isEmpty else { return nil }
    let reasons = run.stopped.map { "seed \($0.seed) (\($0.stopped ?? ""))" }
    let rest =
      run.stopped.count == run.trainings.count
      ? "there is nothing to probe."
      : "a mean over the others would look like one of all, so nothing is judged."
    return "\(stopCount) could not go on, \(Wording.list(reasons)): \(rest)"
  }

  private var trainedOnce: String? {
    let tasks = outcomes(.trainedOnce).map { outcome in
      "\(outcome.task) \(comparison(outcome))"
        + (outcome.gain == nil ? "" : " (\(points(outcome)))")
    }
    guard !tasks.isEmpty else { return nil }
    let what = run.trainings.isEmpty ? "One model" : "One training"
    return
      "\(what) says little of what another seed would give, so nothing is judged. Its features against "
      + "those of its random initialisations: \(Wording.list(tasks))."
  }

  /// Of a model that is not judged: tasks on which the best statistics have a better mean, as a plain fact.
  private var higherStatistics: String? {
    let higher = outcomesTrainedOnce { $2.isBetter($1, than: $0) }
    return higher.isEmpty ? nil : "Higher without any model: \(statistics(on: higher))."
  }

  /// The others of these.
  private var lowerStatistics: String? {
    let lower = outcomesTrainedOnce { $2.isBetter($0, than: $1) }
    return lower.isEmpty
      ? nil : "Lower without any model: \(statistics(on: lower)), the best of the hand-made."
  }

  /// Tasks of a model that is not judged.
  private func outcomesTrainedOnce(
    where isWanted: (_ model: Double, _ statistics: Double, _ metric: Metric) -> Bool
  ) -> [TaskOutcome] {
    outcomes(.trainedOnce).filter { outcome in
      outcome.statisticsScore.map { isWanted(outcome.score, $0, outcome.metric) } ?? false
    }
  }

  private var learned: String? {
    let tasks = outcomes(.learned)
    if outcomes.isEmpty { return run.stopped.isEmpty ? "It was not probed." : nil }
    guard !judged.isEmpty else { return nil }
    if tasks.isEmpty {
      return "On no task does it beat its own random initialisation by a margin that counts."
    }
    let gains = tasks.map { "\($0.task) (\(comparison($0)), \(points($0)))" }
    return "It beats its own random initialisation, outside the intervals, on "
      + Wording.list(gains) + "."
  }

  private var smallGains: String? { tooSmall(.smallGain, "gain") }
  private var smallLosses: String? { tooSmall(.smallLoss, "loss") }

  private func tooSmall(_ judgement: TaskOutcome.Judgement, _ word: String) -> String? {
    let tasks = outcomes(judgement).map { "\($0.task) (\(comparison($0)), \(points($0)))" }
    return tasks.isEmpty
      ? nil
      : "Outside the intervals, but too little to count, is the \(word) on \(Wording.list(tasks))."
  }

  private var undecided: String? {
    let tasks = outcomes(.withinIntervals).map {
      "\($0.task) (\(comparison($0))\(guessing($0)))"
    }
    guard !tasks.isEmpty else { return nil }
    return "Nothing can be said of \(Wording.list(tasks)): "
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
    guard let course = LossCourse(run.log.map { Double($0.loss) }) else { return nil }
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

  private var beatenStatistics: String? {
    let beaten = judged.filter { $0.standing == .better }
    return beaten.isEmpty
      ? nil
      : "It beats the best hand-made statistics, outside the intervals: \(statistics(on: beaten))."
  }

  private var strongerStatistics: String? {
    let stronger = judged.filter { $0.standing == .worse }
    return stronger.isEmpty
      ? nil : "Features that learned nothing do better still: \(statistics(on: stronger))."
  }

  /// `log-mel mean on key (34.1%)`: the best statistics on some tasks, each with all of its tasks.
  private func statistics(on outcomes: [TaskOutcome]) -> String {
    let names = outcomes.compactMap(\.statistics).uniqued()
    return Wording.list(
      names.map { name in
        let tasks = outcomes.filter { $0.statistics == name }.map { outcome in
          "\(outcome.task) (\(outcome.metric.unit.text(outcome.statisticsScore ?? 0)))"
        }
        return "\(name) on \(Wording.list(tasks))"
      })
  }

  private func comparison(_ outcome: TaskOutcome) -> String {
    let unit = outcome.metric.unit
    guard let random = outcome.randomScore else { return unit.text(outcome.score) }
    return "\(unit.text(outcome.score)) against \(unit.text(random))"
  }

  private func points(_ outcome: TaskOutcome) -> String {
    outcome.metric.unit.differenceText(outcome.gain ?? 0)
  }

  /// Says so when the interval holds the score of guessing, or is worse.
  private func guessing(_ outcome: TaskOutcome) -> String {
    let metric = outcome.metric
    guard let probe = report.probe(run.name, .pretrained, on: outcome.task),
      !metric.isBetter(metric.poorEnd(of: probe.interval), than: probe.chance)
    else { return "" }
    return ", no better than guessing at \(metric.unit.text(probe.chance))"
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
