/// What a change of settings does to the score on a task: the mean over all pairs of contenders that differ in it alone.
///
/// `d_s = mean over pairs of (b_s - a_s)` for the scores `a` before and `b` after the change with seed `s`; the 95 %
/// interval of its mean is that of ``RunDifference``: over the seeds and, on the same pieces for all, over the pieces. How
/// much the effect differs from pair to pair it does not cover. Holm's correction is over all effects of the report.
public struct SettingEffect: Codable, Sendable, Equatable {
  /// The change.
  public var change: SettingChange
  /// The pairs that it is the mean of: the contender before, then the one after.
  public var pairs: [[String]]
  /// The task's name.
  public var task: String
  /// What the scores are.
  public var metric: Metric
  /// The mean difference for each seed.
  public var differences: [Double]
  /// Those of the first contender, see ``RunDifference/seeds``.
  public var seeds: [Int]
  /// Whether the seeds are those of trainings, or of folds alone.
  public var repeats: ProbeResult.Repeats
  /// The variance of the mean difference from drawing pieces again; nil if items are not known.
  var items: ItemVariance?
  /// The probability of an effect as large, were there none, corrected for the number of effects of the report; nil where
  /// it would cover folds alone, or items are not known.
  public internal(set) var correctedProbability: Double?

  /// Nil if a result has a single seed, or some are of other items.
  init?(of change: SettingChange, by pairs: [(from: ProbeResult, to: ProbeResult)]) {
    guard Set(pairs.flatMap { [$0.from, $0.to] }.compactMap(\.items?.pieces)).count < 2 else {
      return nil
    }
    guard let paired = ProbeResult.paired(pairs.flatMap { [$0.from, $0.to] }) else { return nil }
    let pairs = pairs.indices.map { (from: paired[2 * $0], to: paired[2 * $0 + 1]) }
    let first = paired[0]
    seeds = first.seeds
    (self.change, task, metric) = (change, first.task, first.metric)
    self.pairs = pairs.map { [$0.from.model, $0.to.model] }
    differences = first.scores.indices.map { seed in
      pairs.reduce(0) { $0 + $1.to.scores[seed] - $1.from.scores[seed] } / Double(pairs.count)
    }
    let isJudged = pairs.allSatisfy { $0.from.repeats == .weights && $0.to.repeats == .weights }
    repeats = isJudged ? .weights : .folds
    items = ItemVariance(
      ofMeanDifferences: pairs.map { ($0.to.items, $0.from.items) })
  }

  /// The differences with what they are judged by.
  var paired: PairedScores {
    PairedScores(
      metric: metric, differences: differences, repeats: repeats, items: items,
      correctedProbability: correctedProbability)
  }

  /// The mean effect with its 95 % interval; infinite where it would cover folds alone.
  public var interval: Interval { paired.interval }

  /// Whether there is an effect, see ``RunDifference/isClear``.
  public var isClear: Bool { paired.isClear }
}

extension ComparisonReport {
  /// The effects of all changes of settings, by change and task. Recipes of which a training was stopped have no part in
  /// them.
  public var effects: [SettingEffect] {
    let runs = runs.filter(\.stopped.isEmpty)
    let all = ChangedPairs.all(among: runs).flatMap { changed in
      tasks.compactMap { effect(of: changed, on: $0) }
    }
    return zip(all, Holm.corrected(all.map(\.paired.probability))).map { effect, probability in
      var copy = effect
      copy.correctedProbability = probability
      return copy
    }
  }

  private func effect(of changed: ChangedPairs, on task: String) -> SettingEffect? {
    let pairs = changed.pairs.compactMap { pair in
      probe(pair.from, .pretrained, on: task).flatMap { from in
        probe(pair.to, .pretrained, on: task).map { (from: from, to: $0) }
      }
    }
    return SettingEffect(of: changed.change, by: pairs)
  }
}
