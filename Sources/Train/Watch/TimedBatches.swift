import Synchronization

/// Time that adds up, counted from any thread.
final class Stopwatch: Sendable {
  private let total = Mutex(Duration.zero)

  /// The time so far.
  var time: Duration { total.withLock { $0 } }

  /// Sets the time to 0.
  func reset() { total.withLock { $0 = .zero } }

  /// Runs `body` and adds its time.
  func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (clock, start) = (ContinuousClock(), ContinuousClock.now)
    defer { total.withLock { $0 += clock.now - start } }
    return try body()
  }
}

/// Another source's batches; the time for which a step waits for them is measured.
struct TimedBatches<Batch: Sendable>: BatchSource {
  let source: any BatchSource<Batch>
  /// The time that batches took.
  let waiting = Stopwatch()

  func samples(ofBatch number: Int) -> Range<Int> { source.samples(ofBatch: number) }

  func batch(_ number: Int) throws -> Batch {
    try waiting.measure { try source.batch(number) }
  }

  func files(ofBatches batches: Range<Int>) -> [String] { source.files(ofBatches: batches) }

  var samplesPerEpoch: Int? { source.samplesPerEpoch }
}
