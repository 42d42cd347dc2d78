import Foundation

/// A file of VocalSet, described by the folders that it lies in.
struct VocalSetFile {
  /// `female1` to `female9`, `male1` to `male11`.
  var singer: String
  /// The name of the folder.
  var technique: String
  /// `<singer>/<context>/<technique>/<file>`, without the ending: the same wherever the data set lies.
  var name: String
  /// The full path.
  var path: String

  /// Files that MARBLE deletes; all are of the technique vibrato.
  private static let deleted: Set = [
    "f2_scales_vibrato_a(1)", "caro_vibrato", "dona_vibrato", "row_vibrato", "slow_vibrato_arps",
  ]

  /// - Throws: `Unusable` if it is of none of the 17 techniques, no audio, or one that MARBLE deletes.
  func requireUsable() throws(Unusable) {
    guard (VocalSet.techniques + VocalSet.otherTechniques).contains(technique) else {
      throw Unusable("'\(technique)' is no technique of VocalSet")
    }
    guard let file = AudioLocation.stem(of: URL(fileURLWithPath: path).lastPathComponent) else {
      throw Unusable("no audio, by its ending")
    }
    guard technique != "vibrato" || !Self.deleted.contains(file) else {
      throw Unusable("deleted by MARBLE as well")
    }
  }

  /// All files of the 20 singers, ascending within each.
  ///
  /// They lie in `FULL`, in `VocalSet11/FULL`, or in the folder itself.
  /// - Throws: `DatasetError.unreadable` if a folder cannot be listed.
  static func all(in folder: URL) throws(DatasetError) -> [VocalSetFile] {
    let full = ["FULL", "VocalSet11/FULL"].map { folder.appendingPathComponent($0) }
    let base = full.first(where: FolderListing.isFolder) ?? folder
    var files: [VocalSetFile] = []
    for singer in VocalSet.singers {
      let singerFolder = base.appendingPathComponent(singer)
      for context in try FolderListing.names(in: singerFolder) {
        let contextFolder = singerFolder.appendingPathComponent(context)
        for technique in try FolderListing.names(in: contextFolder) {
          let leaf = contextFolder.appendingPathComponent(technique)
          let prefix = "\(singer)/\(context)/\(technique)/"
          files += try FolderListing.names(in: leaf).map {
            VocalSetFile(singer, technique, prefix, leaf.appendingPathComponent($0))
          }
        }
      }
    }
    return files
  }

  private init(_ singer: String, _ technique: String, _ prefix: String, _ file: URL) {
    (self.singer, self.technique, path) = (singer, technique, file.path)
    let stem = AudioLocation.stem(of: file.lastPathComponent)
    name = prefix + (stem ?? file.deletingPathExtension().lastPathComponent)
  }
}
