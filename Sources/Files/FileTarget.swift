import Foundation

/// Where a file that is asked for will lie: behind all links, with the permissions of the file that it
/// takes the place of.
package struct FileTarget: Sendable {
  /// The path as it was asked for, which errors name.
  package let asked: String
  /// Whether it is a pipe or device, which is written into instead of being replaced.
  package let isStream: Bool
  /// Behind all links.
  private let path: String
  private let permissions: mode_t?

  /// - Parameter seeking: Whether the writer has to go back in the file, which streams do not allow.
  /// - Throws: `FileError` if no file can be put there.
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

  /// Checks that a file can be made at a path, before the work that fills it.
  ///
  /// - Parameter seeking: As above.
  /// - Throws: `FileError`.
  package static func check(_ path: String, seeking: Bool = false) throws(FileError) {
    let target = try FileTarget(path, seeking: seeking)
    let folder = URL(fileURLWithPath: target.path).deletingLastPathComponent().path
    guard target.isStream || access(folder, W_OK) == 0 else { throw .writing(path) }
  }

  /// Another name beside the file, for its content until that is complete.
  package func partialPath() -> String {
    let url = URL(fileURLWithPath: path)
    // With the whole name it could become longer than a file system allows.
    let name = String(String.UnicodeScalarView(url.lastPathComponent.unicodeScalars.prefix(40)))
    let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    return url.deletingLastPathComponent().appendingPathComponent(".\(name).\(suffix).partial").path
  }

  /// Creates an empty file to write the content to.
  func create(_ partial: String) throws(FileError) -> FileHandle {
    let flags = O_WRONLY | O_CLOEXEC
    let descriptor =
      isStream ? open(path, flags) : open(partial, flags | O_CREAT | O_EXCL, 0o666)
    guard descriptor >= 0 else { throw .writing(asked) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Gives complete content its name, such that a crash leaves the old file or the new one.
  /// - Throws: `FileError.unwritable`.
  package func replace(by partial: String) throws(FileError) {
    if let permissions, chmod(partial, permissions) != 0 { throw .writing(asked) }
    try Durable.flush(partial, named: asked)
    guard rename(partial, path) == 0 else { throw .writing(asked) }
    try Durable.flush(URL(fileURLWithPath: path).deletingLastPathComponent().path, named: asked)
  }

  /// How much room is missing for so many bytes, as far as that is known.
  package func missing(_ bytes: Int?) -> Int? {
    guard let bytes, !isStream else { return nil }
    return Durable.missing(bytes, beside: path)
  }

  /// The path that a link leads to, and the next, to the end; one that leads to nothing yet counts, too.
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

/// What has to be on the disk before something else may happen.
enum Durable {
  /// Brings a file or folder to the disk. Some file systems cannot do that for folders.
  static func flush(_ path: String, named asked: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(asked) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || [EINVAL, ENOTSUP, ENOSYS].contains(errno) else {
      throw .writing(asked)
    }
  }

  /// How many of so many bytes find no room on the disk of a path; nil if all do, or nobody knows.
  static func missing(_ bytes: Int, beside path: String) -> Int? {
    var status = statvfs()
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard statvfs(folder, &status) == 0 else { return nil }
    let free = Double(status.f_bavail) * Double(status.f_frsize)
    return Double(bytes) > free ? bytes - Int(free) : nil
  }
}
