import Foundation

/// The bytes of a file, mapped into memory while this object lives. An owner of a pointer to them
/// must retain it.
final class MappedFile: @unchecked Sendable {
  // Safe to share: the mapping is made once and only read.
  /// All bytes, at a fixed address while this object lives.
  let bytes: UnsafeRawBufferPointer

  /// - Throws: `FileError.unsuitable`.
  init(_ url: URL) throws(FileError) {
    let file = open(url.path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Self.failure(url) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Self.failure(url) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unsuitable(path: url.path, reason: "cannot be read (it is not a regular file)")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), base != MAP_FAILED else {
      throw Self.failure(url)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    if let base = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }

  private static func failure(_ url: URL) -> FileError {
    .unsuitable(path: url.path, reason: "cannot be read (\(String(cString: strerror(errno))))")
  }
}
