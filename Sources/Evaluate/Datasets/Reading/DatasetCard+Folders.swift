import Foundation

extension DatasetCard {
  /// The folder below a root.
  /// - Throws: `DatasetError.missing` if there is none.
  func existingFolder(below root: URL) throws(DatasetError) -> URL {
    guard let folder = folder(below: root) else { throw .missing(root.path, card: self) }
    return folder
  }

  /// The path of a file that the data set cannot do without.
  /// - Throws: `DatasetError.unreadable` if there is none.
  func existingFile(_ path: String, in folder: URL) throws(DatasetError) -> String {
    let file = folder.appendingPathComponent(path).path
    guard FileManager.default.fileExists(atPath: file) else {
      throw .unreadable(file, reason: "no such file; it comes from \(origin)")
    }
    return file
  }
}
