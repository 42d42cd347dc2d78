import Foundation

/// Writes a file so that its name always stands for a complete one: under a temporary name beside
/// it, flushed to the disk, then renamed.
///
/// A link stays, and the file that it leads to is replaced; the new file has the old one's permissions.
/// A pipe or a device is written into.
public enum AtomicFile {
  /// Calls `body` to write the content of `url`.
  ///
  /// - Parameters:
  ///   - url: The new file.
  ///   - bytes: How many it will be, if that is known; a full disk's error says how many are missing.
  ///   - seeking: Whether `body` goes back in the file. Pipes and devices are refused then.
  ///   - body: Writes the content.
  /// - Throws: `FileError`, or what `body` throws; the old file is untouched then.
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

  /// Removes what processes that were killed left in a folder of files whose names begin so. The folder has
  /// to be locked.
  /// - Throws: `FileError` if it cannot be listed.
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
