import Foundation

/// Checks whether a file or folder exists. If its status cannot be read, that is an error and does
/// not count as absent: it may be on a disk that is not mounted, and a file created in its place
/// would be lost or in the way.
package enum Presence {
  /// The kind of file at a path, after symbolic links.
  package enum Kind: Sendable {
    case file, folder
    /// A pipe, a terminal, or a device for a stream of bytes.
    case stream
    /// A disk, or a socket.
    case other
  }

  /// The kind of file at a path; nil if there is none.
  /// - Throws: `FileError.unreadable`; `.unsuitable` for a link whose target does not exist.
  package static func kind(of path: String) throws(FileError) -> Kind? {
    guard let mode = try mode(of: path) else { return nil }
    return Kind(mode)
  }

  /// The type and permissions of the file at a path, after symbolic links; nil if there is none.
  static func mode(of path: String) throws(FileError) -> mode_t? {
    if let mode = try followedMode(of: path) { return mode }
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    // Another process may have made the file, or the link, since the first look.
    guard status.st_mode & S_IFMT == S_IFLNK else { return status.st_mode }
    if let mode = try followedMode(of: path) { return mode }
    throw .unsuitable(
      path: path, reason: "is a link to nothing; is the disk that it leads to mounted?")
  }

  /// Checks that a path that exists is a regular file: whoever opens a pipe waits until another process does.
  /// - Throws: `FileError`.
  package static func requireRegular(_ path: String) throws(FileError) {
    guard let kind = try kind(of: path), kind != .file else { return }
    throw .unsuitable(path: path, reason: "is not a regular file; move it away")
  }

  private static func followedMode(of path: String) throws(FileError) -> mode_t? {
    var status = stat()
    if stat(path, &status) == 0 { return status.st_mode }
    let code = errno
    guard [ENOENT, ENOTDIR].contains(code) else { throw .unreadable(path: path, code: code) }
    return nil
  }

  /// The names in a folder; nil if there is no such folder.
  /// - Throws: `FileError` if the path is not a folder, or cannot be listed.
  package static func names(in folder: URL) throws(FileError) -> [String]? {
    guard let kind = try kind(of: folder.path) else { return nil }
    guard kind == .folder else {
      throw .unsuitable(path: folder.path, reason: "is not a folder; move it away")
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

  /// The paths of the files in a folder and in the folders in it, below the folder and sorted: `averaged/config.json`.
  /// None if there is no such folder.
  /// - Throws: As `names(in:)`.
  package static func files(in folder: URL) throws(FileError) -> [String] {
    var paths: [String] = []
    for name in try (names(in: folder) ?? []).sorted() {
      let url = folder.appendingPathComponent(name)
      guard try kind(of: url.path) == .folder else {
        paths.append(name)
        continue
      }
      for inner in try files(in: url) { paths.append("\(name)/\(inner)") }
    }
    return paths
  }

  /// The content of a file; nil if there is none.
  /// - Throws: `FileError` if the path is not a regular file, or cannot be read.
  package static func content(of file: URL) throws(FileError) -> Data? {
    guard try kind(of: file.path) != nil else { return nil }
    try requireRegular(file.path)
    do {
      return try Data(contentsOf: file)
    } catch {
      throw .unreadable(path: file.path, code: FileError.code(of: error as NSError) ?? EIO)
    }
  }

  /// The whole lines among the last bytes of a file; nil if there is no file.
  /// - Throws: As `content(of:)`.
  package static func lastLines(of file: URL, bytes: Int) throws -> Data? {
    guard let kind = try kind(of: file.path) else { return nil }
    guard kind == .file, let handle = FileHandle(forReadingAtPath: file.path),
      let size = try? handle.seekToEnd(), size > bytes
    else { return try content(of: file) }
    try handle.seek(toOffset: size - UInt64(bytes))
    let end = try handle.readToEnd() ?? Data()
    return end.firstIndex(of: UInt8(ascii: "\n")).map { Data(end[($0 + 1)...]) } ?? Data()
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
