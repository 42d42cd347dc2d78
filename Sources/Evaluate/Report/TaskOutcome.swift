/// What pre-training did to one model on one task, against its own random initialisation.
public struct TaskOutcome: Codable, Sendable, Equatable {
  /// The judgement, by the rule of ``improves(_:over:)``.
  public enum Judgement: String, Codable, Sendable {
    /// A gain outside the intervals, and large enough to matter.
    case learned
    /// A gain outside the intervals, too small to matter.
    case smallGain
    /// The intervals of trainings and of initialisations overlap: nothing can be said.
    case withinIntervals
    /// A loss outside the intervals.
    case worse
    /// The recipe was trained once: nothing can be said of what another seed would give.
    case trainedOnce
    /// A training of the recipe was stopped: a mean over the others would hide it.
    case stopped
    /// No random initialisation was probed, or only one seed was.
    case notComparable
  }

  /// The run's name.
  public var model: String
  /// The task's name.
  public var task: String
  /// Mean accuracy after training, 0…1.
  public var accuracy: Double
  /// Mean accuracy before training, 0…1.
  public var randomAccuracy: Double?
  /// The judgement.
  public var judgement: Judgement

  /// The difference that training made, 0.05 being 5 points.
  public var gain: Double? { randomAccuracy.map { accuracy - $0 } }

  init(of pretrained: ProbeResult, against random: ProbeResult?, isComplete: Bool) {
    model = pretrained.model
    task = pretrained.task
    accuracy = pretrained.interval.mean
    randomAccuracy = random?.interval.mean
    judgement =
      if !isComplete {
        .stopped
      } else if pretrained.repeats == .folds {
        .trainedOnce
      } else {
        Self.judge(pretrained.accuracies, against: random?.accuracies ?? [])
      }
  }

  private static func judge(_ pretrained: [Double], against random: [Double]) -> Judgement {
    guard pretrained.count > 1, random.count > 1 else { return .notComparable }
    if improves(pretrained, over: random) { return .learned }
    let after = Interval(of: pretrained)
    let before = Interval(of: random)
    if after.overlaps(before) { return .withinIntervals }
    return after.mean > before.mean ? .smallGain : .worse
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
        isComplete: run(model)?.stopped.isEmpty ?? true)
    }
  }
}
