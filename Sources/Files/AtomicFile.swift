import Foundation

/// Writes a file so that its path always names a complete file: the content is written under a
/// temporary name in the same folder, flushed to disk, and then renamed.
///
/// A symbolic link is kept, and the file that it leads to is replaced. The new file gets the
/// permissions of the old one. A pipe or a device is written directly.
public enum AtomicFile {
  /// Calls `body` to write the content of `url`.
  ///
  /// - Parameters:
  ///   - url: The new file.
  ///   - bytes: The size of the content, if known; with it the error for a full disk gives the
  ///     missing space.
  ///   - seeking: Whether `body` seeks backwards. Pipes and devices are then refused.
  ///   - body: Writes the content.
  /// - Throws: `FileError`, or the errors of `body`; the old file is then unchanged.
  public static func write(
    to url: URL, bytes: Int? = nil, seeking: Bool = false, _ body: (FileHandle) throws -> Void
  ) throws {
    let target = try FileTarget(url.path, seeking: seeking)
    let partial = target.partialPath()
    do {
      try fill(target.create(partial), of: target, body)
      if !target.isStream { try target.replace(by: partial) }
    } catch {
      if !target.isStream { unlink(partial) }
      guard let error = error as? FileError, error.isLackOfRoom else { throw error }
      throw error.moved(to: target.asked, missing: target.missing(bytes))
    }
  }

  /// Writes `data` as the content of `url`.
  /// - Throws: `FileError`.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url, bytes: data.count) { try $0.write(contentsOf: data) }
  }

  /// Removes the unfinished files that killed processes left in a folder, if the name of the
  /// finished file begins with one of `beginnings`. The folder must be locked.
  /// - Throws: `FileError` if the folder cannot be listed.
  package static func removeUnfinished(_ beginnings: [String], in folder: URL) throws(FileError) {
    for name in try Presence.names(in: folder) ?? [] {
      guard name.hasSuffix(".partial"), beginnings.contains(where: { name.hasPrefix(".\($0)") })
      else { continue }
      unlink(folder.appendingPathComponent(name).path)
    }
  }

  private static func fill(
    _ file: FileHandle, of target: FileTarget, _ body: (FileHandle) throws -> Void
  ) throws {
    do {
      try body(file)
      try file.close()
    } catch {
      throw FileError(error, writing: target.asked) ?? error
    }
  }
}
