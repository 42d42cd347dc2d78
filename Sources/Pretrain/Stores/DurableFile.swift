import Foundation

/// Gives finished files their names such that a crash leaves the old file or the new one.
enum DurableFile {
  static func rename(_ source: String, to destination: String) throws {
    try sync(source)
    guard Foundation.rename(source, destination) == 0 else {
      throw StoreError.unwritable(path: destination, reason: String(cString: strerror(errno)))
    }
    try sync((destination as NSString).deletingLastPathComponent)
  }

  private static func sync(_ path: String) throws {
    let path = path.isEmpty ? "." : path
    let descriptor = Foundation.open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw StoreError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { Foundation.close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw StoreError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }
}
