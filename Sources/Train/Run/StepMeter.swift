/// Measures the time of steps between two lines of the log.
struct StepMeter {
  private let audioSecondsPerStep: Double
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant
  private var steps = 0

  init(_ recipe: some TrainingRecipe) {
    audioSecondsPerStep = recipe.audioSecondsPerStep
    start = clock.now
  }

  mutating func count() { steps += 1 }

  /// The line for the steps since the last one.
  mutating func record(_ step: Int, _ outcome: StepOutcome) -> StepRecord {
    let seconds = (clock.now - start) / .seconds(1) / Double(max(1, steps))
    (start, steps) = (clock.now, 0)
    return StepRecord(
      step: step, loss: outcome.loss, terms: outcome.terms, learningRate: outcome.learningRate,
      gradientNorm: outcome.gradientNorm, secondsPerStep: seconds,
      audioSecondsPerSecond: audioSecondsPerStep / seconds)
  }
}
