/// Decides when a run writes checkpoints: at certain steps, and when the last one was begun long ago.
struct CheckpointTimer {
  private let training: Recipe.Training
  /// The last step of the run.
  private let last: Int
  private let clock = ContinuousClock()
  private var begun: ContinuousClock.Instant
  private var isStepDue = false

  /// A timer that starts now.
  init(_ training: Recipe.Training, last: Int) {
    (self.training, self.last) = (training, last)
    begun = clock.now
  }

  /// Why a checkpoint is due.
  enum Reason {
    /// The step is one of those that have a checkpoint.
    case step
    /// The last checkpoint was begun `training.checkpointMinutes` ago.
    case time
  }

  /// Why a checkpoint is due at a position; nil if none is. One that is due by its step stays due until it is begun.
  ///
  /// - Parameters:
  ///   - position: Where the run is.
  ///   - isLate: Whether the last one was long ago.
  mutating func reason(at position: TrainingPosition, isLate: Bool) -> Reason? {
    isStepDue = isStepDue || (position.batch == 0 && isStep(position.step))
    return isStepDue ? .step : isLate ? .time : nil
  }

  private func isStep(_ step: Int) -> Bool {
    step == last || step % training.checkpointEvery == 0
      || (training.keepEvery.map { step % $0 == 0 } ?? false)
  }

  /// Whether the last checkpoint was begun `training.checkpointMinutes` ago.
  var isLate: Bool {
    training.checkpointMinutes > 0
      && clock.now - begun >= .seconds(60 * training.checkpointMinutes)
  }

  /// Notes that a checkpoint is begun.
  mutating func begin() { (begun, isStepDue) = (clock.now, false) }
}
