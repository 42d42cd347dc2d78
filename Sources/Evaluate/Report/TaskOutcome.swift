/// What pre-training did to one model on one task, against its own random initialisation and against hand-made
/// statistics.
public struct TaskOutcome: Codable, Sendable, Equatable {
  /// The judgement, by the rule of ``improves(_:over:by:)``; where items are known, the interval is that of the
  /// difference on the same items.
  public enum Judgement: String, Codable, Sendable {
    /// A gain whose interval leaves 0 out, and large enough to matter.
    case learned
    /// A gain whose interval leaves 0 out, too small to matter.
    case smallGain
    /// The interval of the difference holds 0, or without items the two intervals overlap: neither is better.
    case withinIntervals
    /// A loss whose interval leaves 0 out, as large as a gain has to be to count.
    case worse
    /// A loss whose interval leaves 0 out, too small to matter.
    case smallLoss
    /// The recipe was trained once, which does not show what another seed would give.
    case trainedOnce
    /// A training of the recipe was stopped: a mean over the others would hide it.
    case stopped
    /// No random initialisation was probed, or only one seed was.
    case notComparable
  }

  /// Where a model lies beside the best hand-made statistics.
  public enum Standing: String, Codable, Sendable {
    /// It is better: the interval of the difference on the same items lies on the better side of 0, or without items
    /// the two intervals do not overlap.
    case better
    /// The interval of the difference holds 0, or without items the two intervals overlap.
    case withinIntervals
    /// It is worse, by the same rule.
    case worse
  }

  /// The run's name.
  public var model: String
  /// The task's name.
  public var task: String
  /// What the scores are.
  public var metric: Metric
  /// Mean score after training, of the seeds that its random initialisation has, too: mostly all.
  public var score: Double
  /// Mean score before training, of the seeds that both have.
  public var randomScore: Double?
  /// The judgement.
  public var judgement: Judgement
  /// The hand-made statistics with the best mean score on the task; nil if none were probed.
  public var statistics: String?
  /// Their mean score.
  public var statisticsScore: Double?
  /// Where the model lies beside them; nil if the recipe is not judged, or there are none.
  public var standing: Standing?

  /// The difference that training made to the score, 0.05 being 5 points of accuracy.
  public var gain: Double? { randomScore.map { score - $0 } }

  private enum CodingKeys: String, CodingKey {
    case model, task, metric, judgement, statistics
    case score = "accuracy"
    case randomScore = "randomAccuracy"
    case statisticsScore = "statisticsAccuracy"
    case standing = "againstStatistics"
  }

  init(
    of pretrained: ProbeResult, against random: ProbeResult?, beside statistics: ProbeResult?,
    isComplete: Bool
  ) {
    let pair = random.flatMap { ProbeResult.paired([pretrained, $0]) }
    model = pretrained.model
    task = pretrained.task
    metric = pretrained.metric
    score = (pair?[0] ?? pretrained).interval.mean
    randomScore = (pair?[1] ?? random)?.interval.mean
    judgement =
      if !isComplete {
        .stopped
      } else if !pretrained.coversWeights {
        .trainedOnce
      } else {
        Self.judge(pair?[0] ?? pretrained, against: pair?[1] ?? random)
      }
    self.statistics = statistics?.model
    statisticsScore = statistics?.interval.mean
    standing = isJudged ? statistics.map { Self.standing(of: pretrained, beside: $0) } : nil
  }

  /// Whether the recipe was trained often enough for a verdict, and each training finished.
  var isJudged: Bool {
    switch judgement {
    case .learned, .smallGain, .withinIntervals, .worse, .smallLoss: true
    case .trainedOnce, .stopped, .notComparable: false
    }
  }

  private static func standing(
    of pretrained: ProbeResult, beside statistics: ProbeResult
  ) -> Standing {
    switch pretrained.side(of: statistics) {
    case .better: .better
    case .worse: .worse
    case .undecided: .withinIntervals
    }
  }

  private static func judge(_ pretrained: ProbeResult, against random: ProbeResult?) -> Judgement {
    guard let random, pretrained.scores.count > 1, random.scores.count > 1 else {
      return .notComparable
    }
    switch pretrained.side(of: random) {
    case .better: return pretrained.differs(enoughFrom: random) ? .learned : .smallGain
    case .worse: return pretrained.differs(enoughFrom: random) ? .worse : .smallLoss
    case .undecided: return .withinIntervals
    }
  }
}

/// Where one result lies beside another.
private enum Side {
  case better, worse, undecided
}

extension ProbeResult {
  /// By the interval of the difference on the same pieces, where items are known; else by whether the intervals of both
  /// overlap.
  fileprivate func side(of other: ProbeResult) -> Side {
    guard let difference = Interval(of: self, less: other) else {
      if metric.isBetter(interval, than: other.interval) { return .better }
      return metric.isBetter(other.interval, than: interval) ? .worse : .undecided
    }
    let nothing = Interval(mean: 0, halfWidth: 0)
    if metric.isBetter(difference, than: nothing) { return .better }
    return metric.isBetter(nothing, than: difference) ? .worse : .undecided
  }

  /// Whether a gain or a loss is large enough to count, see ``improves(_:over:by:)``.
  fileprivate func differs(enoughFrom other: ProbeResult) -> Bool {
    let (after, before) = (interval.mean, other.interval.mean)
    return abs(after - before) >= min(metric.leastGain, abs(metric.best - before) / 4)
  }
}

extension ComparisonReport {
  /// What pre-training did, by run and task; a task that a run was not probed on is left out.
  public var outcomes: [TaskOutcome] { runs.flatMap { outcomes(of: $0.name) } }

  func outcomes(of model: String) -> [TaskOutcome] {
    tasks.compactMap { outcome(of: model, on: $0) }
  }

  func outcome(of model: String, on task: String) -> TaskOutcome? {
    probe(model, .pretrained, on: task).map {
      TaskOutcome(
        of: $0, against: probe(model, .randomInitialisation, on: task),
        beside: bestStatistics(on: task),
        isComplete: run(model)?.stopped.isEmpty ?? true)
    }
  }
}
