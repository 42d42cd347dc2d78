import Dispatch
import Foundation
import Kernels
import Synchronization

/// Threads that wait for the next loop to share, one per core beside the calling thread.
///
/// A training step has hundreds of loops of some tens of microseconds each, about the time that a
/// sleeping thread takes to wake. So a waiting thread spins before it sleeps, for so short a time
/// that it does not slow another process on the same cores.
final class CoreTeam: @unchecked Sendable {
  // Safe to share: `job` and `helpers` change only while `busy` is held and no thread works on a
  // job.

  static let shared = CoreTeam()

  private struct Job {
    var pieces = 0
    var body: (Int) -> Void = { _ in }
  }

  private let busy = Atomic<Bool>(false)
  private var job = Job()
  private var helpers: [Helper] = []
  /// The number of the job in the upper half, the number of its pieces still to take in the lower
  /// half. Both are one word, so that a late helper cannot take a piece of a later job.
  private let offer = Atomic<UInt64>(0)
  private let unfinished = Atomic<Int>(0)
  private let caller = Sleeper()
  /// How often the calling thread looks for late threads before it sleeps.
  private static let looks = 5

  private init() {}

  /// Runs `body` for each of `0..<pieces`, on the calling thread and on helper threads; each takes
  /// the next piece when it has finished one. Everything runs on the calling thread if it is marked
  /// to work alone (`Cores.alone`), or if the team is busy: with a loop of another thread, or with an
  /// outer loop of this thread.
  func run(pieces: Int, _ body: (Int) -> Void) {
    let threads = min(pieces, Cores.count)
    let free = threads > 1 && !Cores.isAlone && !busy.exchange(true, ordering: .acquiring)
    guard free else { return (0..<pieces).forEach(body) }
    defer { busy.store(false, ordering: .releasing) }
    recruit(threads - 1)
    withoutActuallyEscaping(body) { body in
      publish(Job(pieces: pieces, body: body), helpers: threads - 1)
      work()
      // A helper has finished with `body` before it counts its piece, so no helper uses it after
      // this wait.
      waitForHelpers()
      job = Job()
    }
  }

  private func publish(_ job: Job, helpers count: Int) {
    self.job = job
    unfinished.store(job.pieces, ordering: .relaxed)
    let number = (offer.load(ordering: .relaxed) >> 32) &+ 1
    offer.store(number << 32 | UInt64(job.pieces), ordering: .sequentiallyConsistent)
    for helper in helpers.prefix(count) { helper.sleeper.wake() }
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
      // The job does not change before this piece is finished.
      if taken { return job.pieces - Int(seen & 0xFFFF_FFFF) }
      seen = current
    }
    return nil
  }

  private func waitForHelpers() {
    let isFinished = { [self] in unfinished.load(ordering: .sequentiallyConsistent) == 0 }
    if caller.spin(until: isFinished) { return }
    for _ in 0..<Self.looks {
      var late = LateThreads(among: helpers.map(\.workingThread))
      if caller.spin(until: isFinished) { return }
      guard late.bringHere() else { continue }
      caller.sleep(until: isFinished)
      return late.sendBack()
    }
    caller.sleep(until: isFinished)
  }

  private func recruit(_ count: Int) {
    while helpers.count < count {
      let helper = Helper()
      helpers.append(helper)
      let thread = Thread { [self] in
        let number = etude_thread_id()
        while true {
          helper.sleeper.wait { offer.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF > 0 }
          helper.working.store(number, ordering: .relaxed)
          work()
          helper.working.store(0, ordering: .relaxed)
        }
      }
      thread.name = "etude core \(helpers.count)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

/// A helper thread, as its team sees it.
private final class Helper: Sendable {
  let sleeper = Sleeper()
  /// The number of the thread while it takes pieces, else 0.
  let working = Atomic<Int32>(0)

  var workingThread: Int32? {
    let number = working.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
