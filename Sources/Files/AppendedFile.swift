import Foundation

/// A file that lines are added to for a long time, such as a log.
///
/// What finds no room on the disk waits in memory and is written before what follows, so that a full disk neither
/// damages the file nor ends the work that it records.
package final class AppendedFile {
  private let path: String
  private let descriptor: Int32
  /// What is not on the disk yet.
  private var waiting = Data()

  /// Opens an existing file to add to its end.
  /// - Throws: `FileError`.
  package init(_ url: URL) throws(FileError) {
    path = url.path
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(path) }
  }

  deinit { close(descriptor) }

  /// Adds bytes, or keeps them for later if the disk is full.
  /// - Throws: `FileError` if they cannot be written for another reason.
  package func append(_ bytes: Data) throws(FileError) {
    waiting.append(bytes)
    do throws(FileError) {
      try writeWaiting()
    } catch {
      guard error.isLackOfRoom else { throw error }
    }
  }

  /// Writes what is waiting and flushes the file to the disk.
  /// - Throws: `FileError`, also if the disk is full.
  package func flush() throws(FileError) {
    try writeWaiting()
    guard fsync(descriptor) == 0 || [EINVAL, ENOTSUP, ENOSYS].contains(errno) else {
      throw .writing(path)
    }
  }

  private func writeWaiting() throws(FileError) {
    while !waiting.isEmpty {
      let count = waiting.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        waiting = Data(waiting.dropFirst(count))
      } else if errno != EINTR {
        throw .writing(path)
      }
    }
  }
}
