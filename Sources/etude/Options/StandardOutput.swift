import ArgumentParser
import Files
import Foundation
import Synchronization
import Tensor
import Train

/// What verbs print. The library's `print` loses it without a word when a disk is full or a pipe is
/// closed; here the command fails then, see `Etude.main`.
enum StandardOutput {
  private static let failure = Mutex<Int32?>(nil)

  /// Writes all of `text`; after a failure nothing more is tried.
  static func write(_ text: String) {
    failure.withLock { failure in
      if failure == nil { failure = systemWrite(text, to: STDOUT_FILENO) }
    }
  }

  /// - Throws: `FileError` if something could not be written.
  static func check() throws {
    guard let code = failure.withLock({ $0 }) else { return }
    throw FileError.unwritable(path: "standard output", code: code)
  }
}

/// Prints a line. In this module it takes the place of the library's function.
func print(_ text: String) { StandardOutput.write(text + "\n") }

/// Writes a line on standard error. A closed standard error is no reason to end.
func note(_ text: String) { writeToStandardError(text + "\n") }

/// Writes on standard error.
func writeToStandardError(_ text: String) { _ = systemWrite(text, to: STDERR_FILENO) }

/// - Returns: nil, or the `errno` of what could not be written.
private func systemWrite(_ text: String, to descriptor: Int32) -> Int32? {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&waiting, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}

extension Etude {
  /// Runs a command line. Exits with 0 only if all that was printed was written, too, and with 75 after a signal.
  static func main(_ arguments: [String]?) async {
    do {
      var command = try parseAsRoot(arguments)
      try CPULimit.check()
      if !(command is any SharedCommand) {
        try Launched.refuse(type(of: command).configuration.commandName ?? "")
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try StandardOutput.check()
    } catch let stopped as TrainingStopped {
      note("\(stopped)")
      Foundation.exit(Signals.exitStatus)
    } catch {
      // Help and the like.
      if exitCode(for: error).isSuccess {
        print(fullMessage(for: error))
        do { try StandardOutput.check() } catch { exit(withError: error) }
        exit()
      }
      exit(withError: error)
    }
  }
}
