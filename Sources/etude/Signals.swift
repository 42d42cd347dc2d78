import Foundation
import Synchronization
import Train

/// The signals by which users and schedulers ask a training to end: SIGTERM, SIGINT and SIGUSR1.
///
/// The first one ends the batch at hand and saves. Where nothing has to be saved, and at a second signal, the process
/// ends at once. In both cases the exit status is 75, "try again" (`EX_TEMPFAIL` of `sysexits.h`): schedulers then
/// queue the job again.
enum Signals {
  /// The exit status of work that was stopped and can go on.
  static let exitStatus: Int32 = 75

  // A handler may only use what is there already, and no memory that it would have to allocate.
  private static let request = StopRequest()
  private static let watched = [SIGTERM, SIGINT, SIGUSR1]

  /// Begins to watch.
  /// - Returns: The request that the first signal makes.
  static func watch() -> StopRequest {
    let request = request
    for signal in watched {
      var former = sigaction()
      sigaction(signal, nil, &former)
      // As `nohup` and shells ask for in the background.
      guard !former.isIgnored else { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in Signals.receive() }
      // What the signal interrupts goes on, as reading a file on a network disk.
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    return request
  }

  private static func receive() {
    if request.make() { end("ends at once; the last checkpoint is whole\n") }
    guard request.isAnsweredBySaving else { end("stopped; what is finished lies on the disk\n") }
    say("finishes this batch and saves; a second signal ends at once\n")
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
