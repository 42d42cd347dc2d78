import Foundation
import Kernels
import Synchronization

/// Threads that wait for the next loop to share, one per core beside the calling thread.
///
/// A training step has hundreds of loops of some tens of microseconds each, about the time that a
/// sleeping thread takes to wake. So a waiting thread spins before it sleeps, for so short a time
/// that it does not slow another process on the same cores.
///
/// With more threads to run than cores, the system may stop a helper in the middle of a piece, for
/// some milliseconds in which the whole loop waits. The calling thread, which has nothing left to do,
/// then gives the helper its own core (`LateThreads`).
final class CoreTeam: @unchecked Sendable {
  // Safe to share: `job` and `helpers` change only while `busy` is held and no thread works on a
  // job.

  static let shared = CoreTeam()

  private struct Job {
    var pieces = 0
    var threads = 1
    var body: (Int) -> Void = { _ in }

    /// The pieces with which a thread begins. They follow one another, so that in the next loop over
    /// the same memory a thread finds in its core's cache what it wrote in this one.
    func share(_ thread: Int) -> Range<Int> {
      pieces * thread / threads..<pieces * (thread + 1) / threads
    }
  }

  private let busy = Atomic<Bool>(false)
  private var job = Job()
  private var helpers: [Helper] = []
  /// One for each thread of a job; a thread whose share is empty takes pieces of the others.
  private let shares = (0..<256).map { _ in Share() }
  private let sharing = Atomic<Int>(1)
  /// The number of the last job.
  private let published = Atomic<UInt64>(0)
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
    let threads = min(pieces, Cores.count, shares.count)
    let free = threads > 1 && !Cores.isAlone && !busy.exchange(true, ordering: .acquiring)
    guard free else { return (0..<pieces).forEach(body) }
    defer { busy.store(false, ordering: .releasing) }
    recruit(threads - 1)
    withoutActuallyEscaping(body) { body in
      publish(Job(pieces: pieces, threads: threads, body: body))
      work(from: 0)
      // A helper has finished with `body` before it counts its piece, so no helper uses it after
      // this wait.
      waitForHelpers()
      job = Job()
    }
  }

  private func publish(_ job: Job) {
    self.job = job
    unfinished.store(job.pieces, ordering: .relaxed)
    sharing.store(job.threads, ordering: .relaxed)
    let number = published.load(ordering: .relaxed) + 1
    for thread in 0..<job.threads {
      shares[thread].offer(job.share(thread).count, ofJob: number)
    }
    published.store(number, ordering: .sequentiallyConsistent)
    for helper in helpers.prefix(job.threads - 1) { helper.sleeper.wake() }
  }

  /// Takes pieces until none are left, first those of the thread's own share.
  private func work(from thread: Int) {
    let count = sharing.load(ordering: .relaxed)
    for i in 0..<count {
      let number = (thread + i) % count
      while let left = shares[number].take() {
        // The job does not change before this piece is finished.
        job.body(job.share(number).upperBound - left)
        let unfinished = unfinished.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        if unfinished == 0 { caller.wake() }
      }
    }
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
      let place = helpers.count
      let thread = Thread { [self] in
        let number = etude_thread_id()
        var seen: UInt64 = 0
        while true {
          helper.sleeper.wait { published.load(ordering: .sequentiallyConsistent) != seen }
          seen = published.load(ordering: .sequentiallyConsistent)
          helper.working.store(number, ordering: .relaxed)
          work(from: place)
          helper.working.store(0, ordering: .relaxed)
        }
      }
      thread.name = "etude core \(helpers.count)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

/// Pieces that one thread takes first.
private final class Share: Sendable {
  /// The number of the job in the upper half, the number of its pieces still to take in the lower
  /// half. Both are one word, so that a late helper cannot take a piece of a later job.
  private let offered = Atomic<UInt64>(0)

  func offer(_ pieces: Int, ofJob number: UInt64) {
    offered.store(number << 32 | UInt64(pieces), ordering: .releasing)
  }

  /// Takes the next piece. Returns how many were left with it, nil if there was none.
  func take() -> Int? {
    var seen = offered.load(ordering: .acquiring)
    while seen & 0xFFFF_FFFF > 0 {
      let (taken, current) = offered.compareExchange(
        expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      if taken { return Int(seen & 0xFFFF_FFFF) }
      seen = current
    }
    return nil
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
