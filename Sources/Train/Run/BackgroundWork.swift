import Foundation
import Tensor

/// Work on a thread of its own, one piece at a time, which must not delay the loops of the calling thread.
final class BackgroundWork: @unchecked Sendable {
  // Safe to share: `isRunning` and `failure` are read and changed under `condition`.
  private let condition = NSCondition()
  private var isRunning = false
  private var failure: (any Error)?

  /// Begins a piece of work.
  /// - Traps when: the piece before it has not ended.
  func begin(_ work: @escaping @Sendable () throws -> Void) {
    condition.withLock {
      precondition(!isRunning, "BackgroundWork: begun before the last piece has ended")
      isRunning = true
    }
    let thread = Thread { [self] in
      let outcome = Result { try Cores.alone(work) }
      condition.withLock {
        if case .failure(let error) = outcome { failure = error }
        isRunning = false
        condition.broadcast()
      }
    }
    thread.name = "etude writer"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits until the piece of work has ended.
  func wait() {
    condition.withLock {
      while isRunning { condition.wait() }
    }
  }

  /// The error of a piece that has ended, once.
  func takeFailure() -> (any Error)? {
    condition.withLock {
      defer { failure = nil }
      return failure
    }
  }
}
