import Foundation

/// The place where a requested file is written: symbolic links are followed, and the permissions of
/// an existing file are kept.
package struct FileTarget: Sendable {
  /// The requested path, which errors name.
  package let asked: String
  /// Whether the path is a pipe or device, which is written instead of replaced.
  package let isStream: Bool
  /// The path after all symbolic links.
  package let path: String
  private let permissions: mode_t?

  /// - Parameter seeking: Whether the writer seeks backwards, which streams do not support.
  /// - Throws: `FileError` if no file can be written there.
  package init(_ path: String, seeking: Bool = false) throws(FileError) {
    asked = path
    self.path = try Self.followed(path)
    let mode = try Presence.mode(of: self.path)
    let kind = mode.map(Presence.Kind.init)
    isStream = kind == .stream
    permissions = mode.map { $0 & 0o7777 }
    switch kind {
    case .folder: throw .unsuitable(path: path, reason: "is a folder; name a file")
    case .other:
      throw .unsuitable(path: path, reason: "is a disk or a socket; name a file")
    case .stream where seeking:
      throw .unsuitable(
        path: path, reason: "is a pipe or a device, which cannot hold this format; name a file")
    case .file where access(self.path, W_OK) != 0: throw .unwritable(path: path, code: errno)
    default: break
    }
  }

  /// Checks that a file can be created at a path, before the work that produces its content.
  ///
  /// - Parameter seeking: Whether the writer seeks backwards, which streams do not support.
  /// - Throws: `FileError`.
  package static func check(_ path: String, seeking: Bool = false) throws(FileError) {
    let target = try FileTarget(path, seeking: seeking)
    let folder = URL(fileURLWithPath: target.path).deletingLastPathComponent().path
    guard target.isStream || access(folder, W_OK) == 0 else { throw .writing(path) }
  }

  /// A temporary name in the same folder, for the content until it is complete.
  package func partialPath() -> String {
    let url = URL(fileURLWithPath: path)
    // The whole name could exceed the limit of the file system.
    let name = String(String.UnicodeScalarView(url.lastPathComponent.unicodeScalars.prefix(40)))
    let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    return url.deletingLastPathComponent().appendingPathComponent(".\(name).\(suffix).partial").path
  }

  /// Creates an empty file for the content.
  func create(_ partial: String) throws(FileError) -> FileHandle {
    let flags = O_WRONLY | O_CLOEXEC
    let descriptor =
      isStream ? open(path, flags) : open(partial, flags | O_CREAT | O_EXCL, 0o666)
    guard descriptor >= 0 else { throw .writing(asked) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Renames complete content to the target, so that a crash leaves either the old file or the new
  /// one.
  /// - Throws: `FileError.unwritable`.
  package func replace(by partial: String) throws(FileError) {
    if let permissions, chmod(partial, permissions) != 0 { throw .writing(asked) }
    try Durable.flush(partial, named: asked)
    guard rename(partial, path) == 0 else { throw .writing(asked) }
    try Durable.flush(URL(fileURLWithPath: path).deletingLastPathComponent().path, named: asked)
  }

  /// The missing space for `bytes` bytes; nil if there is enough or it is unknown.
  package func missing(_ bytes: Int?) -> Int? {
    guard let bytes, !isStream else { return nil }
    return Durable.missing(bytes, beside: path)
  }

  /// Follows symbolic links to the end, even if no file exists there yet.
  private static func followed(_ asked: String) throws(FileError) -> String {
    var path = asked
    for _ in 0..<40 {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
        return path
      }
      // `/dev/stdout` leads to `pipe:[1234]`, which is no path.
      var status = stat()
      if stat(path, &status) == 0, Presence.Kind(status.st_mode) == .stream { return path }
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      path = URL(fileURLWithPath: target, relativeTo: folder).path
    }
    throw .unwritable(path: asked, code: ELOOP)
  }
}

/// Operations that reach the disk before they return.
enum Durable {
  /// Flushes a file or folder to disk. Some file systems cannot flush folders; that is ignored.
  static func flush(_ path: String, named asked: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(asked) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || [EINVAL, ENOTSUP, ENOSYS].contains(errno) else {
      throw .writing(asked)
    }
  }

  /// The part of `bytes` that does not fit the disk of a path; nil if all fit or it is unknown.
  static func missing(_ bytes: Int, beside path: String) -> Int? {
    var status = statvfs()
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard statvfs(folder, &status) == 0 else { return nil }
    let free = Double(status.f_bavail) * Double(status.f_frsize)
    return Double(bytes) > free ? bytes - Int(free) : nil
  }
}
