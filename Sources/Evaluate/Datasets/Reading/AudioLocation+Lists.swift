import Foundation

extension AudioLocation {
  /// The file of a path that a published list names, relative to a folder, whatever its ending is.
  /// - Throws: `Unusable` if there is no such file, or if the path does not stay below the folder.
  static func listed(_ path: String, in folder: URL) throws(Unusable) -> String {
    guard let file = find(try inside(path), in: folder) else { throw Unusable("no such file") }
    return file
  }

  /// The path itself, if it stays below the folder that it starts from.
  /// - Throws: `Unusable` if it is absolute or has steps like `..`.
  static func inside(_ path: String) throws(Unusable) -> String {
    let steps = path.components(separatedBy: "/")
    guard !steps.contains(where: { ["", ".", ".."].contains($0) }), !path.utf8.contains(0) else {
      throw Unusable("'\(path)' is no path of a file below the folder")
    }
    return path
  }
}
