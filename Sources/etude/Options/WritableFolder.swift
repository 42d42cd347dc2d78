import ArgumentParser
import Files
import Foundation

/// The folder at `path`, created if need be.
/// - Throws: `FileError` if nothing can be written there; `ValidationError` if the path is empty, as that of a variable
///   without a value is.
func writableFolder(_ path: String) throws -> URL {
  try requirePath(path)
  let folder = URL(fileURLWithPath: path)
  try AtomicFolder.make(folder)
  guard access(folder.path, W_OK) == 0 else { throw FileError.writing(path) }
  return folder
}

/// Refuses an empty path, which would stand for the current folder.
func requirePath(_ path: String) throws {
  guard !path.isEmpty else {
    throw ValidationError("the path of an output is empty; name it, or . for the current folder")
  }
}

/// Refuses the empty path of an option in the same way; one that is not given is fine.
func requirePath(_ option: String, _ path: String?) throws {
  guard let path, path.isEmpty else { return }
  throw ValidationError("\(option): the path is empty; name it, or . for the current folder")
}
