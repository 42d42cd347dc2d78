/// How much better a model does on a task than that of the report's first run, seed by seed.
///
/// `d_s = a_s - b_s` for scores `a` and `b` of seed `s`, and the 95 % interval of their mean. Models of one
/// seed were probed on the same folds and, if each was trained with its own, began alike and heard
/// the same crops where their recipes do; so what a seed brings to both drops out, and the
/// interval is mostly narrower than those of the two means.
///
/// Of two models that were trained once the seeds are those of the folds alone. Their difference is a
/// fact about two models, not about the two recipes: it has no interval and is never clear.
public struct RunDifference: Codable, Sendable, Equatable {
  /// The run's name.
  public var model: String
  /// The first run's name.
  public var baseline: String
  /// The task's name.
  public var task: String
  /// What the scores are.
  public var metric: Metric
  /// A difference for each seed, 0.05 being 5 points of accuracy.
  public var differences: [Double]
  /// Whether the seeds are those of trainings, or of folds alone.
  public var repeats: ProbeResult.Repeats

  /// None unless both were probed with the same seeds, at least two.
  init?(of model: ProbeResult, from baseline: ProbeResult) {
    guard model.seeds == baseline.seeds, model.scores.count > 1 else { return nil }
    (self.model, self.baseline, task) = (model.model, baseline.model, model.task)
    metric = model.metric
    differences = zip(model.scores, baseline.scores).map { $0 - $1 }
    repeats = [model.repeats, baseline.repeats].contains(.folds) ? .folds : .weights
  }

  /// The mean difference with its 95 % interval; infinite where it would cover folds alone.
  public var interval: Interval {
    var interval = Interval(of: differences)
    if repeats == .folds { interval.halfWidth = .infinity }
    return interval
  }

  /// Whether the interval lies on one side of 0.
  public var isClear: Bool { interval.lower > 0 || interval.upper < 0 }

  /// Whether the model's mean score is better than that of the first run.
  public var isBetter: Bool { metric.isBetter(interval.mean, than: 0) }
}

extension ComparisonReport {
  /// The differences of every later run from the first, by run and task; what cannot be compared is left out.
  public var differences: [RunDifference] {
    runs.dropFirst().flatMap { run in tasks.compactMap { difference(of: run.name, on: $0) } }
  }

  func difference(of model: String, on task: String) -> RunDifference? {
    guard let first = runs.first?.name, let baseline = probe(first, .pretrained, on: task),
      let other = probe(model, .pretrained, on: task)
    else { return nil }
    return RunDifference(of: other, from: baseline)
  }
}

extension RunDifference {
  /// The difference in a table's cell: `▲ +3.2 ± 1.5`, without a sign of direction inside the interval;
  /// `+3.2` if there is none.
  var cell: String {
    let difference = metric.unit.difference(interval.mean)
    guard interval.halfWidth.isFinite else { return difference }
    let direction = !isClear ? "" : isBetter ? "▲ " : "▼ "
    return "\(direction)\(difference)\u{00A0}±\u{00A0}\(metric.unit.number(interval.halfWidth))"
  }
}
