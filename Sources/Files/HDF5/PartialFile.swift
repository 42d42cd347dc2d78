import Files
import Foundation
import Tensor

/// An HDF5 file under a temporary name, until it is finished.
///
/// One that goes away unfinished leaves nothing behind. Not for several threads at once.
package final class PartialFile {
  /// The name that it will have.
  package let path: String
  private let target: FileTarget
  private let partialPath: String
  /// How many bytes it will be, if that is known.
  private let bytes: Int?
  private let file: HDF5Handle
  private var isFinished = false

  /// Creates the file.
  ///
  /// - Parameters:
  ///   - partialPath: Where it lies until then, on the same disk; beside `path` unless given.
  ///   - bytes: How many it will be; a full disk's error says how many are missing.
  /// - Throws: `FileError`.
  package init(for path: String, at partialPath: String? = nil, bytes: Int? = nil) throws {
    target = try FileTarget(path, seeking: true)
    let partialPath = partialPath ?? target.partialPath()
    (self.path, self.partialPath, self.bytes) = (path, partialPath, bytes)
    file = try Self.run(target, nil) { try HDF5Handle.newFile(at: partialPath) }
  }

  deinit {
    guard !isFinished else { return }
    try? file.close()
    // HDF5 keeps a file open that it could not flush; emptied, it takes no room.
    truncate(partialPath, 0)
    unlink(partialPath)
  }

  /// Calls `body` to write to the file.
  ///
  /// - Throws: `FileError` when the system refuses, `FileError` when HDF5 does, or what `body`
  ///   throws.
  package func write<R>(_ body: (HDF5Handle) throws -> R) throws -> R {
    precondition(!isFinished, "PartialFile: nothing can be written after finish()")
    return try Self.run(target, bytes) { try body(file) }
  }

  /// Brings everything to disk and gives the file its name. What lies in it must be closed.
  ///
  /// - Throws: `FileError`.
  package func finish() throws {
    try write { file in
      try file.flush()
      try file.close()
    }
    try target.replace(by: partialPath)
    isFinished = true
  }

  private static func run<R>(
    _ target: FileTarget, _ bytes: Int?, _ body: () throws -> R
  ) throws -> R {
    do {
      return try HDF5.run(body)
    } catch let failure as HDF5.Failure {
      guard let code = failure.code else {
        throw FileError.unsuitable(path: target.asked, reason: failure.what)
      }
      throw FileError.unwritable(
        path: target.asked, code: code, missing: code == ENOSPC ? target.missing(bytes) : nil)
    }
  }
}
