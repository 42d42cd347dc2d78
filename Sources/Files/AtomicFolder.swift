import Foundation

/// Writes a folder so that its path always names a complete folder: it is written as
/// `.NAME.partial` beside it, flushed to disk, and then renamed.
package enum AtomicFolder {
  /// Calls `body` to write the files of the folder `url`, each with `AtomicFile`.
  ///
  /// - Parameter bytes: The total size of the files; with it the error for a full disk gives the
  ///   missing space.
  /// - Throws: `FileError`, or the errors of `body`; a former folder of this name is then
  ///   unchanged.
  package static func write(
    to url: URL, bytes: Int? = nil, _ body: (_ partial: URL) throws -> Void
  ) throws {
    let partial = partial(of: url)
    do {
      try? FileManager.default.removeItem(at: partial)
      try make(partial)
      try body(partial)
      try Durable.flush(partial.path, named: url.path)
      try put(partial, in: url)
      try Durable.flush(url.deletingLastPathComponent().path, named: url.path)
    } catch {
      try? FileManager.default.removeItem(at: partial)
      guard let error = error as? FileError, error.isLackOfRoom else { throw error }
      throw error.moved(
        to: url.path, missing: bytes.flatMap { Durable.missing($0, beside: url.path) })
    }
  }

  /// Removes a folder, which first gets the name of an unfinished one, so that its path never names a part of it.
  /// - Throws: `FileError`.
  package static func remove(_ url: URL) throws {
    let isPartial = url.lastPathComponent.hasSuffix(".partial")
    let doomed = isPartial ? url : partial(of: url)
    do {
      if !isPartial {
        try? FileManager.default.removeItem(at: doomed)
        guard rename(url.path, doomed.path) == 0 else { throw FileError.writing(url.path) }
      }
      try FileManager.default.removeItem(at: doomed)
    } catch {
      throw FileError(error, writing: url.path) ?? error
    }
  }

  private static func partial(of url: URL) -> URL {
    url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).partial")
  }

  /// Creates a folder and its missing parents.
  /// - Throws: `FileError`.
  package static func make(_ url: URL) throws(FileError) {
    if let kind = try Presence.kind(of: url.path) {
      guard kind == .folder else {
        throw .unsuitable(path: url.path, reason: "is not a folder; choose another place")
      }
      return
    }
    try make(url.deletingLastPathComponent())
    guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else { throw .writing(url.path) }
  }

  /// A former folder of this name is removed only after the new one has taken its place.
  private static func put(_ partial: URL, in url: URL) throws(FileError) {
    guard try Presence.kind(of: url.path) != nil else {
      guard rename(partial.path, url.path) == 0 else { throw .writing(url.path) }
      return
    }
    let former = url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).former.partial")
    try? FileManager.default.removeItem(at: former)
    guard rename(url.path, former.path) == 0, rename(partial.path, url.path) == 0 else {
      throw .writing(url.path)
    }
    try? FileManager.default.removeItem(at: former)
  }
}
