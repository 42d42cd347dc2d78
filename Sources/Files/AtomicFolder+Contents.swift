import Foundation

extension AtomicFolder {
  /// Replaces a set of files in a folder that may hold other files.
  ///
  /// Calls `write` to write the new files into a temporary folder, and moves them when all are
  /// complete. The last of `names` is the file without which no reader opens the folder. Its old
  /// version is removed first and its new version is moved last. So a crash leaves the old files,
  /// the new ones, or a folder that no reader opens.
  /// - Parameters:
  ///   - names: The files of the set. Old files that `write` does not write are removed.
  ///   - folder: Created if missing.
  /// - Throws: `FileError`, or the errors of `write`; the old files are then unchanged.
  package static func replace(
    _ names: [String], in folder: URL, by write: (_ aside: URL) throws -> Void
  ) throws {
    try make(folder)
    let aside = folder.appendingPathComponent(".\(UUID().uuidString).partial")
    defer { try? FileManager.default.removeItem(at: aside) }
    do {
      try make(aside)
      try write(aside)
    } catch let error as FileError {
      throw error.moved(to: folder.path, missing: nil)
    }
    try remove(names.last!, in: folder)
    for name in names {
      let (new, old) = (aside.appendingPathComponent(name), folder.appendingPathComponent(name))
      if try Presence.kind(of: new.path) == nil {
        try remove(name, in: folder)
      } else if rename(new.path, old.path) != 0 {
        throw FileError.writing(old.path)
      }
    }
    try Durable.flush(folder.path, named: folder.path)
  }

  private static func remove(_ name: String, in folder: URL) throws(FileError) {
    let path = folder.appendingPathComponent(name).path
    guard unlink(path) == 0 || errno == ENOENT else { throw .writing(path) }
  }
}
