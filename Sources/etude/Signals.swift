import Foundation
import Synchronization
import Train

/// The signals by which users and schedulers ask a training to end: SIGTERM, SIGINT and SIGUSR1.
///
/// The first one ends the batch at hand and saves. Where nothing has to be saved, and at a second signal, the process
/// ends at once. In both cases the exit status is 75, "try again" (`EX_TEMPFAIL` of `sysexits.h`): schedulers then
/// queue the job again.
///
/// The same signal within a second of the first one is the same wish: `timeout` and schedulers signal a process and
/// then its group.
enum Signals {
  /// The exit status of work that was stopped and can go on.
  static let exitStatus: Int32 = 75

  // A handler may only use what is there already, and no memory that it would have to allocate.
  private static let request = StopRequest()
  private static let watched = [SIGTERM, SIGINT, SIGUSR1]
  /// The first signal, and when it came, in nanoseconds; 0 before that.
  private static let first = Atomic<Int32>(0)
  private static let start = Atomic<UInt64>(0)

  /// Begins to watch.
  /// - Returns: The request that the first signal makes.
  static func watch() -> StopRequest {
    let request = request
    first.store(0, ordering: .sequentiallyConsistent)
    start.store(0, ordering: .sequentiallyConsistent)
    handle({ Signals.receive($0) })
    return request
  }

  /// Begins to watch for a verb that has nothing to save: the first signal ends the process, with the same status.
  /// - Parameter clean: Called before, on a thread of its own: it may do what a handler may not.
  static func end(after clean: @escaping @Sendable () -> Void) {
    let request = request
    handle({ _ in Signals.request.make() })
    Thread.detachNewThread {
      while !request.isMade { Thread.sleep(forTimeInterval: 0.05) }
      clean()
      Signals.end("stopped\n")
    }
  }

  private static func handle(_ handler: @escaping @convention(c) (Int32) -> Void) {
    for signal in watched {
      var former = sigaction()
      sigaction(signal, nil, &former)
      // As `nohup` and shells ask for in the background.
      guard !former.isIgnored else { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      // What the signal interrupts goes on, as reading a file on a network disk.
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
  }

  private static func receive(_ signal: Int32) {
    _ = start.compareExchange(expected: 0, desired: nanoseconds, ordering: .sequentiallyConsistent)
    _ = first.compareExchange(expected: 0, desired: signal, ordering: .sequentiallyConsistent)
    if request.make() {
      guard !isRepeated(signal) else { return }
      end("ends at once; the last checkpoint is whole\n")
    }
    guard request.isAnsweredBySaving else { end("stopped; what is finished lies on the disk\n") }
    say("finishes this batch and saves; a second signal ends at once\n")
  }

  private static func isRepeated(_ signal: Int32) -> Bool {
    signal == first.load(ordering: .sequentiallyConsistent)
      && nanoseconds - start.load(ordering: .sequentiallyConsistent) < 1_000_000_000
  }

  /// The time on a clock that only goes forward.
  private static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func end(_ text: StaticString) -> Never {
    say(text)
    _exit(exitStatus)
  }

  private static func say(_ text: StaticString) {
    // Behind a progress line.
    if isatty(STDERR_FILENO) == 1 { _ = write(STDERR_FILENO, "\n", 1) }
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}

extension sigaction {
  fileprivate var isIgnored: Bool {
    unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
