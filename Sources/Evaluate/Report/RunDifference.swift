/// How much better a model does on a task than that of the report's first run, seed by seed: of the first run of which no
/// training was stopped.
///
/// `d_s = a_s - b_s` for scores `a` and `b` of seed `s`, and the 95 % interval of their mean. Models of one
/// seed were probed on the same folds and, if each was trained with its own, began alike and heard
/// the same crops where their recipes do; so what a seed brings to both drops out, and the
/// interval is mostly narrower than those of the two means. The seeds are those that both have, see
/// `ProbeResult.paired`.
///
/// Where the items of both are known, the interval covers the choice of the pieces, too: the same pieces are drawn for
/// both. Many differences are looked at together, so a mark needs more than one interval on one side of 0: Holm's
/// correction over all differences of the report.
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
  /// The model's seeds; the first run has the same or, where fewer than two are common, as many others in their order.
  public var seeds: [Int]
  /// Whether the seeds are those of trainings, or of folds alone.
  public var repeats: ProbeResult.Repeats
  /// The variance of the mean difference from drawing pieces again; nil if items are not known.
  var items: ItemVariance?
  /// The probability of a difference as large, were there none, corrected for the number of differences of the report;
  /// nil where it would cover folds alone, or items are not known.
  public internal(set) var correctedProbability: Double?

  /// None unless both were probed with at least two seeds, and, as far as that is known, on the same items.
  init?(of model: ProbeResult, from baseline: ProbeResult) {
    guard let paired = ProbeResult.paired([model, baseline]) else { return nil }
    let (model, baseline) = (paired[0], paired[1])
    seeds = model.seeds
    (self.model, self.baseline, task) = (model.model, baseline.model, model.task)
    metric = model.metric
    differences = zip(model.scores, baseline.scores).map { $0 - $1 }
    repeats = [model.repeats, baseline.repeats].contains(.folds) ? .folds : .weights
    if let own = model.items, let others = baseline.items {
      guard let variance = own.variance(ofDifferenceFrom: others) else { return nil }
      items = variance
    }
  }

  /// The differences with what they are judged by.
  var paired: PairedScores {
    PairedScores(
      metric: metric, differences: differences, repeats: repeats, items: items,
      correctedProbability: correctedProbability)
  }

  /// The mean difference with its 95 % interval; infinite where it would cover folds alone.
  public var interval: Interval { paired.interval }

  /// Whether there is a difference: its corrected probability is below 5 %, or, where items are not known, the interval
  /// lies on one side of 0.
  public var isClear: Bool { paired.isClear }

  /// Whether the model's mean score is better than that of the first run.
  public var isBetter: Bool { paired.isBetter }

  /// The difference in a table's cell, see `PairedScores.cell`.
  var cell: String { paired.cell }
}

extension ComparisonReport {
  /// The differences of every later run from the first, by run and task; what cannot be compared is left out, as are runs
  /// of which a training was stopped.
  public var differences: [RunDifference] {
    let runs = runs.filter(\.stopped.isEmpty)
    guard let baseline = runs.first else { return [] }
    return runs.dropFirst().flatMap { run in
      tasks.compactMap { difference(of: run.name, from: baseline.name, on: $0) }
    }.corrected()
  }

  private func difference(
    of model: String, from baseline: String, on task: String
  ) -> RunDifference? {
    guard let first = probe(baseline, .pretrained, on: task),
      let other = probe(model, .pretrained, on: task)
    else { return nil }
    return RunDifference(of: other, from: first)
  }
}

extension [RunDifference] {
  /// With the probabilities that Holm's correction leaves.
  fileprivate func corrected() -> [RunDifference] {
    zip(self, Holm.corrected(map(\.paired.probability))).map { difference, probability in
      var copy = difference
      copy.correctedProbability = probability
      return copy
    }
  }
}

extension Interval {
  /// That of the difference of two results, paired by their seeds and on the same pieces; nil if one has a single seed,
  /// and unless the items are the same and known.
  init?(of result: ProbeResult, less other: ProbeResult) {
    guard let paired = ProbeResult.paired([result, other]), let own = paired[0].items,
      let others = paired[1].items, let variance = own.variance(ofDifferenceFrom: others)
    else { return nil }
    self.init(of: zip(paired[0].scores, paired[1].scores).map { $0 - $1 }, variance)
  }
}
