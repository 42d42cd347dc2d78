import Foundation

/// Whether something is there. What cannot be looked at is an error and does not count as absent: it
/// may lie on a disk that is not mounted, and what took its place would be lost or in the way.
package enum Presence {
  /// What a path leads to, links followed.
  package enum Kind: Sendable {
    case file, folder
    /// A pipe, a terminal, a device that takes a stream of bytes.
    case stream
    /// A disk, or a socket.
    case other
  }

  /// What lies at a path; nil if nothing has that name.
  /// - Throws: `FileError.unreadable`; `.unsuitable` for a link that leads to nothing.
  package static func kind(of path: String) throws(FileError) -> Kind? {
    guard let mode = try mode(of: path) else { return nil }
    return Kind(mode)
  }

  /// The type and permissions of what lies at a path, links followed; nil if nothing has that name.
  static func mode(of path: String) throws(FileError) -> mode_t? {
    var status = stat()
    if stat(path, &status) == 0 { return status.st_mode }
    let code = errno
    guard [ENOENT, ENOTDIR].contains(code) else { throw .unreadable(path: path, code: code) }
    guard lstat(path, &status) != 0 else {
      throw .unsuitable(
        path: path, reason: "is a link to nothing; is the disk that it leads to mounted?")
    }
    return nil
  }

  /// The names in a folder; nil if there is no such folder.
  /// - Throws: `FileError` if it is something else, or cannot be listed.
  package static func names(in folder: URL) throws(FileError) -> [String]? {
    guard let kind = try kind(of: folder.path) else { return nil }
    guard kind == .folder else {
      throw .unsuitable(path: folder.path, reason: "is no folder; move it away")
    }
    guard let list = opendir(folder.path) else {
      throw .unreadable(path: folder.path, code: errno)
    }
    defer { closedir(list) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(list) else { break }
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .unreadable(path: folder.path, code: errno) }
    return names
  }

  /// The content of a file; nil if there is none.
  /// - Throws: `FileError` if it is something else, or cannot be read.
  package static func content(of file: URL) throws(FileError) -> Data? {
    guard let kind = try kind(of: file.path) else { return nil }
    guard kind == .file else {
      throw .unsuitable(path: file.path, reason: "is no regular file; move it away")
    }
    do {
      return try Data(contentsOf: file)
    } catch {
      throw .unreadable(path: file.path, code: FileError.code(of: error as NSError) ?? EIO)
    }
  }
}

extension Presence.Kind {
  init(_ mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFIFO, S_IFCHR: self = .stream
    default: self = .other
    }
  }
}
