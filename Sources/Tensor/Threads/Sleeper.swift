import Dispatch
import Kernels
import Synchronization

/// Waits for a condition that another thread makes true: spins first, then sleeps.
final class Sleeper: Sendable {
  private static let patience = Duration.microseconds(20)
  private let asleep = Atomic<Bool>(false)
  private let semaphore = DispatchSemaphore(value: 0)

  func wait(until holds: () -> Bool) {
    if !spin(until: holds) { sleep(until: holds) }
  }

  /// `wait` without spinning.
  func sleep(until holds: () -> Bool) {
    while !holds() {
      asleep.store(true, ordering: .sequentiallyConsistent)
      // If another thread made the condition true in between, it either saw `asleep` and signals,
      // or did not see it and does not signal.
      if holds(), asleep.exchange(false, ordering: .sequentiallyConsistent) { return }
      semaphore.wait()
    }
  }

  /// Must be called after the condition has become true.
  func wake() {
    if asleep.exchange(false, ordering: .sequentiallyConsistent) { semaphore.signal() }
  }

  /// Waits for a short time without sleeping; whether the condition holds.
  func spin(until holds: () -> Bool) -> Bool {
    let start = ContinuousClock.now
    repeat {
      for _ in 0..<16 {
        if holds() { return true }
        etude_pause()
      }
    } while ContinuousClock.now - start < Self.patience
    return false
  }
}
