import Foundation

/// The names in a folder, for data sets that are laid out in folders instead of lists.
enum FolderListing {
  /// All but the hidden ones, ascending; none if there is no such folder.
  ///
  /// Hidden are `.DS_Store` and the resource forks that archives from a Mac bring along.
  /// - Throws: `DatasetError.unreadable` if there is a folder that cannot be listed.
  static func names(in folder: URL) throws(DatasetError) -> [String] {
    guard isFolder(folder) else { return [] }
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return names.filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .unreadable(folder.path, reason: "cannot be listed; check its permissions")
    }
  }

  /// Whether there is a folder.
  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
