import Foundation

/// Replaces a symbolic link, so that its path names the old target or the new one at any time.
package enum AtomicLink {
  /// Makes `url` a link to `name` in the same folder.
  /// - Throws: `FileError`.
  package static func point(_ url: URL, to name: String) throws(FileError) {
    let folder = url.deletingLastPathComponent()
    let partial = folder.appendingPathComponent(".\(url.lastPathComponent).partial").path
    unlink(partial)
    guard symlink(name, partial) == 0 else { throw .writing(url.path) }
    guard rename(partial, url.path) == 0 else {
      let code = errno
      unlink(partial)
      throw .unwritable(path: url.path, code: code)
    }
    try Durable.flush(folder.path, named: url.path)
  }

  /// The name to which a link leads; nil if there is no link.
  package static func target(of url: URL) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: url.path)
  }
}
