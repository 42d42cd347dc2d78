import Files
import Foundation
import Tensor

/// An HDF5 file that has a temporary name until it is finished.
///
/// A file that is released unfinished is removed. Not thread-safe.
package final class PartialFile {
  /// The path of the finished file.
  package let path: String
  private let target: FileTarget
  private let partialPath: String
  /// The size of the finished file in bytes; nil if unknown.
  private let bytes: Int?
  private let file: HDF5Handle
  private var isFinished = false

  /// Creates the file.
  ///
  /// - Parameters:
  ///   - partialPath: The path of the unfinished file, on the same disk; beside `path` if nil.
  ///   - bytes: The size of the finished file; with it the error for a full disk gives the missing
  ///     space.
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
    // HDF5 keeps a file open that it could not flush; truncated, it takes no space.
    truncate(partialPath, 0)
    unlink(partialPath)
  }

  /// Calls `body` to write to the file.
  ///
  /// - Throws: `FileError` if the system or HDF5 fails, or the errors of `body`.
  package func write<R>(_ body: (HDF5Handle) throws -> R) throws -> R {
    precondition(!isFinished, "PartialFile: nothing can be written after finish()")
    return try Self.run(target, bytes) { try body(file) }
  }

  /// Flushes the file to disk and renames it. All objects in the file must be closed.
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
