import Foundation
import Synchronization

/// Ends the process while an input takes too long or too much memory: what never returns cannot throw.
final class Watchdog: Sendable {
  /// What it looks at between inputs.
  private struct Input {
    var name = ""
    /// The processor time at which it has taken too long, seconds; nil if none is being read.
    var deadline: Double?
    /// More memory than this is too much, bytes.
    var memory = Int.max
  }

  private let input = Mutex(Input())

  init() {
    let thread = Thread { [weak self] in
      while let self {
        look()
        usleep(50_000)
      }
    }
    thread.start()
  }

  /// Begins to watch an input.
  /// - Parameter seconds: Of processor time; what the process waits does not count.
  func begin(_ name: String, seconds: Int, memory: Int) {
    let deadline = Self.processorTime + Double(seconds)
    input.withLock { $0 = Input(name: name, deadline: deadline, memory: memory) }
  }

  func end() { input.withLock { $0.deadline = nil } }

  private func look() {
    input.withLock { input in
      guard let deadline = input.deadline else { return }
      if Self.processorTime > deadline { Self.stop("\(input.name): hangs") }
      if ProcessMemory.resident > input.memory { Self.stop("\(input.name): takes too much memory") }
    }
  }

  private static func stop(_ reason: String) -> Never {
    FileHandle.standardError.write(Data((reason + "\n").utf8))
    _exit(1)
  }

  /// Of all threads of the process, seconds.
  static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
