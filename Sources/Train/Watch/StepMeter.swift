import Pretrain
import Tensor

/// Turns what steps did into the lines of the log: means, times, and how far the run is.
struct StepMeter {
  /// The steps since the last line.
  private(set) var sums: LogSums
  private let audioSecondsPerStep: Double
  private let cropsPerStep: Int
  private let cropsPerEpoch: Int?
  private let waiting: Stopwatch
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant
  private var cpuStart = ProcessorTime.seconds
  private var computing = Duration.zero
  private var steps = 0

  /// - Parameters:
  ///   - recipe: The recipe of the run.
  ///   - cropsPerEpoch: Crops in which the collection is gone through once; nil if there is no such number.
  ///   - waiting: Counts the time for which steps wait for their batches.
  ///   - sums: The steps since the last line, of a run that goes on.
  init(
    _ recipe: some TrainingRecipe, cropsPerEpoch: Int?, waiting: Stopwatch, sums: LogSums?
  ) {
    (audioSecondsPerStep, self.cropsPerEpoch) = (recipe.audioSecondsPerStep, cropsPerEpoch)
    cropsPerStep = recipe.training.batchSize * recipe.training.accumulation
    (self.waiting, self.sums) = (waiting, sums ?? LogSums())
    start = clock.now
  }

  /// Leaves out the time until now.
  mutating func restart() {
    (start, computing, steps) = (clock.now, .zero, 0)
    cpuStart = ProcessorTime.seconds
    waiting.reset()
  }

  /// Now, for `count(since:)`.
  var now: ContinuousClock.Instant { clock.now }

  /// Counts the time since an instant as time spent computing.
  mutating func count(since start: ContinuousClock.Instant) { computing += clock.now - start }

  /// Counts a step.
  mutating func count(_ outcome: StepOutcome) {
    sums.add(outcome)
    steps += 1
  }

  /// The line for the steps since the last one.
  ///
  /// - Parameters:
  ///   - step: Steps made.
  ///   - outcome: The last of them.
  ///   - leftOut: Updates left out since the run began.
  ///   - isPartial: Whether the steps belong to the next line, too.
  mutating func record(
    _ step: Int, _ outcome: StepOutcome, leftOut: Int, isPartial: Bool
  ) -> StepRecord {
    var record = sums.record(step, learningRate: outcome.learningRate)
    let passed = (clock.now - start) / .seconds(1)
    record.secondsPerStep = passed / Double(max(1, steps))
    record.cpuSecondsPerStep = (ProcessorTime.seconds - cpuStart) / Double(max(1, steps))
    record.audioSecondsPerSecond = audioSecondsPerStep / record.secondsPerStep
    record.shareOutsideSteps = min(1, max(0, 1 - (computing - waiting.time) / .seconds(1) / passed))
    record.epoch = cropsPerEpoch.map { Double(step) * Double(cropsPerStep) / Double($0) }
    record.hoursHeard = Double(step) * audioSecondsPerStep / 3600
    record.updatesLeftOut = leftOut
    record.memoryBytes = ProcessMemory.resident.nilIfZero
    if isPartial { record.isPartial = true } else { sums = LogSums() }
    restart()
    return record
  }
}

extension Int {
  /// Itself; nil for 0, which stands for what a system does not show.
  fileprivate var nilIfZero: Int? { self == 0 ? nil : self }
}
