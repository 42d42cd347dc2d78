import Foundation
import Tensor

/// An HDF5 file under a temporary name, until it is finished.
///
/// One that goes away unfinished leaves nothing behind. Not for several threads at once.
final class PartialFile {
  /// The name that it will have.
  let path: String
  private let partialPath: String
  private let file: HDF5Handle
  private var isFinished = false

  /// Creates the file.
  ///
  /// - Parameter partialPath: Where it lies until then, on the same disk; beside `path` unless given.
  /// - Throws: `StoreError.unwritable`.
  init(for path: String, at partialPath: String? = nil) throws {
    let partialPath =
      partialPath ?? "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
    (self.path, self.partialPath) = (path, partialPath)
    file = try Self.run(path) { try HDF5Handle.newFile(at: partialPath) }
  }

  deinit {
    guard !isFinished else { return }
    try? file.close()
    try? FileManager.default.removeItem(atPath: partialPath)
  }

  /// Calls `body` to write to the file.
  ///
  /// - Throws: `StoreError.unwritable` when HDF5 fails, or what `body` throws.
  func write<R>(_ body: (HDF5Handle) throws -> R) throws -> R {
    precondition(!isFinished, "PartialFile: nothing can be written after finish()")
    return try Self.run(path) { try body(file) }
  }

  /// Brings everything to disk and gives the file its name. What lies in it must be closed.
  ///
  /// - Throws: `StoreError.unwritable`.
  func finish() throws {
    try write { file in
      try file.flush()
      try file.close()
    }
    try DurableFile.rename(partialPath, to: path)
    isFinished = true
  }

  private static func run<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try HDF5.run(body)
    } catch let failure as HDF5.Failure {
      throw StoreError.unwritable(path: path, reason: failure.what)
    }
  }
}
