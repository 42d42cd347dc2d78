import Files
import Foundation

/// The folder at `path`, created if need be.
/// - Throws: `FileError` if nothing can be written there.
func writableFolder(_ path: String) throws -> URL {
  let folder = URL(fileURLWithPath: path)
  try AtomicFolder.make(folder)
  guard access(folder.path, W_OK) == 0 else { throw FileError.writing(path) }
  return folder
}
