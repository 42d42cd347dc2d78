import Foundation
import Synchronization

/// A file open for reading at any offset, or a member of a tar file; it is closed when this object is released.
public final class OpenFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The number of bytes.
  public let count: Int
  private let descriptor: Int32
  /// Where the bytes begin in the file of the descriptor.
  private let start: Int
  /// The system's message for the first read that failed.
  private let failure = Mutex<String?>(nil)

  /// Opens a regular file, or a member of a tar file by the archive's path, a slash and its name.
  /// - Throws: `AudioError.missing` or `.unreadable`; `.corrupt` if the archive is damaged.
  public convenience init(_ path: String) throws(AudioError) {
    try self.init(path, at: FilePlace(path))
  }

  /// Opens a regular file as it lies on the disk.
  convenience init(whole path: String) throws(AudioError) {
    try self.init(path, at: FilePlace(container: path, range: nil))
  }

  /// Opens what lies at a place.
  /// - Parameter path: The path for error messages.
  init(_ path: String, at place: FilePlace) throws(AudioError) {
    let name = FileName.systemPath(place.container)
    // A plain `open` of a pipe without a writer would block.
    descriptor = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let reason = errno
    self.path = path
    var status = stat()
    let isOpen = descriptor >= 0 && fstat(descriptor, &status) == 0
    (start, count) = place.extent(inFileOf: isOpen ? Int(status.st_size) : 0)
    guard isOpen else {
      if reason == ENOENT || reason == ENOTDIR { throw .missing(path: path) }
      throw .unreadable(path: path, reason: String(cString: strerror(reason)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw .unreadable(
        path: path, reason: isFolder ? "it is a folder" : "it is not a regular file")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills `buffer` from `offset` on.
  /// - Returns: The number of bytes read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    var done = 0
    let wanted = min(buffer.count, count - offset)
    while done < wanted {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(start + offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        note(count < 0 ? String(cString: strerror(errno)) : "it became shorter meanwhile")
        break
      }
      done += count
    }
    return done
  }

  private func note(_ reason: String) { failure.withLock { $0 = $0 ?? reason } }

  /// Throws if a read has failed: decoders treat a failed read as the end of the file.
  /// - Throws: `AudioError.unreadable`.
  func check() throws(AudioError) {
    if let reason = failure.withLock({ $0 }) { throw .unreadable(path: path, reason: reason) }
  }

  /// Up to `count` bytes from `offset` on.
  /// - Throws: `AudioError.unreadable`.
  public func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
    let count = max(0, min(count, self.count - offset))
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      let room = UnsafeMutableRawBufferPointer(buffer)[..<count]
      done = read(into: UnsafeMutableRawBufferPointer(rebasing: room), at: offset)
    }
    try check()
    return bytes
  }
}
