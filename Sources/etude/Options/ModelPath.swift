import Foundation
import Train

/// Where the model that an option names lies: the latest checkpoint of a run, or the path itself.
/// - Throws: `ValidationError` if the path is empty; `FileError`.
func modelPath(_ path: String) throws -> URL {
  try requirePath("--model", path)
  let url = URL(fileURLWithPath: path)
  return try url.latestCheckpoint ?? url
}
