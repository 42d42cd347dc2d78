import Foundation

/// A row of a list of MTG-Jamendo. Rows are of unequal length: each further tag is a further column.
struct JamendoTrack {
  /// `track_0000241`; of a row that is cut off, what there is of it.
  var id: String
  /// Where its full-quality audio lies in the folder of audio: `41/241.mp3`.
  var path: String
  /// As written.
  var tags: [String]

  /// The full path of its audio, from the first folder that has it. Small files are named `<id>.low.mp3`.
  /// - Throws: `Unusable` if its row is cut off, if its path leaves the folder or if there is no such file.
  func audio(in folders: [URL]) throws(Unusable) -> String {
    guard !tags.isEmpty else { throw Unusable("its row is cut off") }
    let full = try AudioLocation.inside(path)
    let low = full.replacing(/\.mp3$/, with: ".low.mp3")
    for folder in folders {
      if let found = AudioLocation.find(low, in: folder) ?? AudioLocation.find(full, in: folder) {
        return found
      }
    }
    throw Unusable("no such file")
  }

  /// All rows of a list.
  /// - Throws: `DatasetError` if the list is missing or malformed.
  static func all(_ list: String) throws(DatasetError) -> [JamendoTrack] {
    let names = ["TRACK_ID", "PATH", "TAGS"]
    let table = try DelimitedTable(list, separator: "\t", columns: names)
    let columns = names.map(table.index)
    return table.rows.map { row in
      let cells = columns.map { $0 < row.cells.count ? row.cells[$0] : "" }
      let tags = row.cells.dropFirst(columns[2]).filter { !$0.isEmpty }
      return JamendoTrack(id: cells[0], path: cells[1], tags: tags)
    }
  }
}
