import Dispatch
import Foundation
import Kernels
import Synchronization

/// Threads that stay, one per core beside the caller's own, and wait for the next loop to share.
///
/// A training step has hundreds of loops of some tens of microseconds each, about as long as a
/// sleeping thread takes to wake. So whoever waits spins for a moment first; the moment is short
/// enough not to hurt another process on the same cores.
final class CoreTeam: @unchecked Sendable {
  // Safe to share: `job` and `helpers` change only while `busy` is held and nobody works on a job.

  static let shared = CoreTeam()

  private struct Job {
    var pieces = 0
    var body: (Int) -> Void = { _ in }
  }

  private let busy = Atomic<Bool>(false)
  private var job = Job()
  private var helpers: [Sleeper] = []
  /// The job's number in the upper half, how many of its pieces nobody has taken in the lower: one
  /// word, so that a late helper cannot take a piece of another job than it saw.
  private let offer = Atomic<UInt64>(0)
  private let unfinished = Atomic<Int>(0)
  private let caller = Sleeper()

  private init() {}

  /// Runs `body` for each of `0..<pieces`, on the calling thread and as many others as there are
  /// pieces left. All on the calling thread if that is to work alone, or if the team is at work: for
  /// another thread, or for the caller's own loop outside this one.
  func run(pieces: Int, _ body: (Int) -> Void) {
    let free = pieces > 1 && !Cores.isAlone && !busy.exchange(true, ordering: .acquiring)
    guard free else { return (0..<pieces).forEach(body) }
    defer { busy.store(false, ordering: .releasing) }
    recruit(pieces - 1)
    withoutActuallyEscaping(body) { body in
      publish(Job(pieces: pieces, body: body))
      body(0)
      work()
      // Helpers read `body` before they count their piece as finished, so none holds it after this.
      caller.wait { unfinished.load(ordering: .sequentiallyConsistent) == 0 }
      job = Job()
    }
  }

  private func publish(_ job: Job) {
    self.job = job
    unfinished.store(job.pieces - 1, ordering: .relaxed)
    let number = (offer.load(ordering: .relaxed) >> 32) &+ 1
    offer.store(number << 32 | UInt64(job.pieces - 1), ordering: .sequentiallyConsistent)
    for helper in helpers.prefix(job.pieces - 1) { helper.wake() }
  }

  /// Takes pieces until none are left.
  private func work() {
    while let piece = takePiece() {
      job.body(piece)
      let left = unfinished.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
      if left == 0 { caller.wake() }
    }
  }

  private func takePiece() -> Int? {
    var seen = offer.load(ordering: .acquiring)
    while seen & 0xFFFF_FFFF > 0 {
      let (taken, current) = offer.compareExchange(
        expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      // Nobody changes the job before this piece is done.
      if taken { return job.pieces - Int(seen & 0xFFFF_FFFF) }
      seen = current
    }
    return nil
  }

  private func recruit(_ count: Int) {
    while helpers.count < count {
      let sleeper = Sleeper()
      helpers.append(sleeper)
      let thread = Thread { [self] in
        while true {
          sleeper.wait { offer.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF > 0 }
          work()
        }
      }
      thread.name = "etude core \(helpers.count)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

/// Waits for a condition that another thread makes true: spinning first, then asleep.
private final class Sleeper: Sendable {
  private static let patience = Duration.microseconds(50)
  private let asleep = Atomic<Bool>(false)
  private let semaphore = DispatchSemaphore(value: 0)

  func wait(until holds: () -> Bool) {
    if spin(until: holds) { return }
    while !holds() {
      asleep.store(true, ordering: .sequentiallyConsistent)
      // Whoever made it true in between has seen `asleep` and signals, or has not and does not.
      if holds(), asleep.exchange(false, ordering: .sequentiallyConsistent) { return }
      semaphore.wait()
    }
  }

  /// To be called after the condition was made true.
  func wake() {
    if asleep.exchange(false, ordering: .sequentiallyConsistent) { semaphore.signal() }
  }

  private func spin(until holds: () -> Bool) -> Bool {
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
