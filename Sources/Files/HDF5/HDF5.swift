import CHDF5
import Files
import Foundation
import Tensor

/// The only access to the HDF5 library: calls run one at a time, print nothing, and throw their
/// failures.
package enum HDF5 {
  package struct Failure: Error {
    package var what: String
    /// The `errno` of a failed system call; nil if HDF5 itself failed.
    package var code: Int32?

    package init(what: String, code: Int32? = nil) { (self.what, self.code) = (what, code) }
  }

  /// Recursive, because handles are closed in `deinit`, which may run inside another call.
  private static let lock = NSRecursiveLock()

  package static func run<R>(_ body: () throws -> R) rethrows -> R {
    try lock.withLock {
      _ = leavesNothingToExit
      // The setting is per thread in thread-safe builds, so it is set for every call.
      H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
      errno = 0
      return try body()
    }
  }

  /// Every file is closed by its handle. A file that could not be flushed because the disk was full
  /// stays open in the library, which would flush it again when the process exits, and crash. This
  /// call turns that off.
  private static let leavesNothingToExit = H5dont_atexit()

  /// The size of a file, in bytes; nil if there is no file.
  /// - Throws: `FileError` if it is not a regular file, or its status cannot be read.
  package static func byteCount(of path: String) throws(FileError) -> Int? {
    guard let kind = try Presence.kind(of: path) else { return nil }
    var status = stat()
    guard kind == .file, stat(path, &status) == 0 else {
      throw .unsuitable(path: path, reason: "is not a regular file; name one ending in .h5")
    }
    return Int(status.st_size)
  }

  @discardableResult
  package static func check<I: SignedInteger>(_ status: I, _ what: String) throws -> I {
    guard status >= 0 else { throw Failure(what: what, code: systemFailure) }
    return status
  }

  /// The `errno` of the last call, if it is a reason for which the system refuses file access.
  private static var systemFailure: Int32? {
    let code = errno
    return [
      ENOSPC, EDQUOT, EFBIG, EIO, EACCES, EPERM, EROFS, ENOENT, ENOTDIR, ENAMETOOLONG, EMFILE,
    ].contains(code) ? code : nil
  }
}

/// An open HDF5 object; it is closed when the last reference is released.
///
/// Sendable because every use runs in `HDF5.run`.
package final class HDF5Handle: @unchecked Sendable {
  package private(set) var id: hid_t
  private let closing: (hid_t) -> herr_t

  package init(_ id: hid_t, _ what: String, closing: @escaping (hid_t) -> herr_t) throws {
    self.id = try HDF5.check(id, what)
    self.closing = closing
  }

  /// Closes the object, for callers that must detect whether the last bytes were written.
  package func close() throws {
    try HDF5.run {
      guard id >= 0 else { return }
      defer { id = -1 }
      try HDF5.check(closing(id), "cannot be closed")
    }
  }

  deinit { try? close() }
}

// MARK: - Files

extension HDF5Handle {
  /// The 1.10 format, in which all metadata carry checksums. A file is private until it is renamed,
  /// so locks are unnecessary; they fail on some network disks.
  private static func fileAccess() throws -> HDF5Handle {
    let access = try HDF5Handle(H5Pcreate(chdf5_file_access()), "no memory") { H5Pclose($0) }
    try HDF5.check(
      H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110), "no format 1.10")
    try HDF5.check(H5Pset_file_locking(access.id, false, true), "no way to switch locks off")
    return access
  }

  package static func newFile(at path: String) throws -> HDF5Handle {
    let access = try fileAccess()
    return try HDF5Handle(
      H5Fcreate(path, chdf5_truncate(), 0, access.id),
      "cannot be created; does its folder exist, and may it be written to?"
    ) { H5Fclose($0) }
  }

  package static func file(at path: String) throws -> HDF5Handle {
    let access = try fileAccess()
    return try HDF5Handle(
      H5Fopen(path, chdf5_read_only(), access.id), "is not an HDF5 file, or a truncated one"
    ) { H5Fclose($0) }
  }

  /// Whether the file has a table of this name.
  package func holds(_ name: String) -> Bool { H5Lexists(id, name, 0) > 0 }

  package func flush() throws {
    try HDF5.check(H5Fflush(id, H5F_SCOPE_LOCAL), "cannot be written; is the disk full?")
  }
}

// MARK: - Arrays

extension HDF5Handle {
  /// Writes an array of any number of axes, all at once; `values` is row-major.
  package func write(
    _ values: UnsafeRawPointer, as name: String, shape: [Int], type: hid_t, stored: hid_t
  ) throws {
    let space = try Self.space(shape.map { hsize_t($0) })
    let array = try HDF5Handle(
      H5Dcreate2(id, name, stored, space.id, 0, 0, 0), "array '\(name)' cannot be written"
    ) { H5Dclose($0) }
    try HDF5.check(
      H5Dwrite(array.id, type, 0, 0, 0, values), "cannot be written; is the disk full?")
    try array.close()
  }

  /// A dataspace with these extents; `most` gives the maximum extents.
  package static func space(_ sizes: [hsize_t], most: [hsize_t]? = nil) throws -> HDF5Handle {
    try HDF5Handle(H5Screate_simple(Int32(sizes.count), sizes, most), "no memory") { H5Sclose($0) }
  }
}
