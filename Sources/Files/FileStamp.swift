import Foundation

/// The size of a file and the time of its last change as the file system keeps it, which no program can
/// set: as long as both are the same, so is the content.
package struct FileStamp: Sendable, Hashable, Codable {
  /// The number of bytes.
  package var bytes: Int
  /// Nanoseconds since 1970.
  package var changed: Int

  /// A stamp that was stored.
  package init(bytes: Int, changed: Int) { (self.bytes, self.changed) = (bytes, changed) }

  /// The stamp of the file at a path; nil if its status cannot be read.
  package init?(of path: String) { self.init(ofName: Array(path.utf8CString)) }

  /// The stamp of the file with a name of any bytes, of which the last is 0; nil if its status cannot be read.
  package init?(ofName name: [CChar]) {
    var status = stat()
    guard stat(name, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let change = status.st_ctimespec
    #else
      let change = status.st_ctim
    #endif
    self.init(
      bytes: Int(status.st_size), changed: change.tv_sec * 1_000_000_000 + change.tv_nsec)
  }
}
