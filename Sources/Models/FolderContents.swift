import Foundation

/// Replaces files that belong together, in a folder that may hold others.
enum FolderContents {
  /// Calls `write` to write new files aside, and puts them in place when all are whole.
  ///
  /// The last of `names` is the one without which no reader opens the folder: the old one is removed first
  /// and the new one comes last, so that a crash leaves the old files, the new ones, or none that can be read.
  /// - Parameters:
  ///   - names: The files that belong together; of those not written anew the old ones are removed.
  ///   - folder: Made if it is not there.
  /// - Throws: `ModelError.file`, or what `write` throws; the old files are untouched then.
  static func replace(
    _ names: [String], in folder: URL, by write: (_ aside: URL) throws -> Void
  ) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelError.file(folder.path, problem: "cannot be made a folder; is it a file?")
    }
    let aside = folder.appendingPathComponent(".\(UUID().uuidString).partial")
    defer { try? files.removeItem(at: aside) }
    do {
      try files.createDirectory(at: aside, withIntermediateDirectories: false)
    } catch {
      throw ModelError.file(
        folder.path, problem: "cannot be written to; check its permissions and the room on the disk"
      )
    }
    do {
      try write(aside)
    } catch ModelError.file(let path, let problem) {
      let name = URL(fileURLWithPath: path).lastPathComponent
      throw ModelError.file(folder.appendingPathComponent(name).path, problem: problem)
    }
    let key = folder.appendingPathComponent(names.last!)
    guard unlink(key.path) == 0 || errno == ENOENT else { throw failure(key, "remove it") }
    for name in names {
      let (new, old) = (aside.appendingPathComponent(name), folder.appendingPathComponent(name))
      let isDone =
        files.fileExists(atPath: new.path)
        ? rename(new.path, old.path) == 0 : unlink(old.path) == 0 || errno == ENOENT
      guard isDone else { throw failure(old, "the model there is not whole now, write it anew") }
    }
    AtomicFile.flush(folder: folder)
  }

  private static func failure(_ url: URL, _ remedy: String) -> ModelError {
    .file(
      url.path, problem: "cannot be replaced (\(String(cString: strerror(errno)))); \(remedy)")
  }
}
