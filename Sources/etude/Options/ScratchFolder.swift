import Files
import Foundation

/// A folder for the files of one verb, below the system's temporary folder. It is removed when the verb ends, or when a
/// signal ends it.
final class ScratchFolder: Sendable {
  /// Where it lies.
  let url = FileManager.default.temporaryDirectory.appending(path: "etude-\(UUID().uuidString)")
  /// Held while the folder is removed.
  private let lock = NSLock()

  /// Makes the folder, and begins to watch for signals.
  /// - Throws: `FileError`.
  func make() throws {
    try AtomicFolder.make(url)
    Signals.end(after: { [self] in
      // It is kept: a verb that fails because its files are gone waits here for the end.
      lock.lock()
      try? AtomicFolder.remove(url)
    })
  }

  /// Removes the folder, if it was made.
  func remove() {
    lock.lock()
    defer { lock.unlock() }
    try? AtomicFolder.remove(url)
  }
}
