import CSndFile
import Foundation

/// An open file that libsndfile writes to. It keeps the first failure: not every encoder of libsndfile reports one.
final class FileSink {
  private let descriptor: Int32
  /// The `errno` of the first write that failed; nil if none has.
  private(set) var failure: Int32?

  /// - Parameter descriptor: Of a file; it stays open when this object is released.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// What libsndfile calls, with this object as user data.
  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { FileSink.at($0).length },
      seek: { sf_count_t(lseek(FileSink.at($2).descriptor, off_t($0), $1)) },
      read: { sf_count_t(read(FileSink.at($2).descriptor, $0, Int($1))) },
      write: { FileSink.at($2).write($0!, Int($1)) },
      tell: { sf_count_t(lseek(FileSink.at($0).descriptor, 0, SEEK_CUR)) })
  }

  private static func at(_ pointer: UnsafeMutableRawPointer?) -> FileSink {
    Unmanaged.fromOpaque(pointer!).takeUnretainedValue()
  }

  private var length: sf_count_t {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? sf_count_t(status.st_size) : -1
  }

  /// - Returns: How many bytes were written, fewer if there is no room for more.
  private func write(_ bytes: UnsafeRawPointer, _ count: Int) -> sf_count_t {
    var done = 0
    while done < count {
      let written = Foundation.write(descriptor, bytes + done, count - done)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        failure = failure ?? (written < 0 ? errno : ENOSPC)
        break
      }
      done += written
    }
    return sf_count_t(done)
  }
}
