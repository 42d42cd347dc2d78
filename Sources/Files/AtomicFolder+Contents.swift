import Foundation

extension AtomicFolder {
  /// Replaces files that belong together, in a folder that may hold others.
  ///
  /// Calls `write` to write new files aside, and puts them in place when all are whole. The last of `names`
  /// is the one without which no reader opens the folder: the old one is removed first and the new one
  /// comes last, so that a crash leaves the old files, the new ones, or none that can be read.
  /// - Parameters:
  ///   - names: The files that belong together; of those not written anew the old ones are removed.
  ///   - folder: Made if it is not there.
  /// - Throws: `FileError`, or what `write` throws; the old files are untouched then.
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
