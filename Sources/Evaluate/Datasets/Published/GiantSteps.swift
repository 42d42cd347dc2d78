import Foundation

/// GiantSteps: the keys of 120 s of electronic dance music, from two collections.
///
/// The songs of the MTG collection with one key and full confidence train and validate: 923 and 236 songs, no
/// artist in both. The 604 songs of the other collection test.
///
/// Source: Knees et al. 2015 (test); Faraldo, Jordà and Herrera 2017 (MTG); the split is that of Castellon, Donahue and
/// Liang 2021 (JukeMIR), which MARBLE uses.
public enum GiantSteps {
  /// What is known of it.
  public static let card = DatasetCard(
    name: "GiantSteps", folders: ["GS"],
    contents: [
      "\(mtg)/annotations/annotations.txt", "\(mtg)/annotations/beatport_metadata.txt",
      "\(mtg)/audio/<id>.LOFI.mp3", "\(test)/annotations/key/<id>.LOFI.key",
      "\(test)/audio/<id>.LOFI.mp3",
    ],
    origin: "https://github.com/GiantSteps/\(mtg) and https://github.com/GiantSteps/\(test), "
      + "whose scripts fetch the audio",
    licence: "none found")

  private static let mtg = "giantsteps-mtg-key-dataset"
  private static let test = "giantsteps-key-dataset"

  private static let paperRemark = """
    The rule of the GiantSteps split keeps 1,159 songs for training and validation; \
    the MARBLE paper prints 1,077.
    """

  /// Reads the songs, each with its key as `Truth.label`; its name is its number at Beatport.
  ///
  /// Classes are the 12 major and then the 12 minor keys from C upwards, with flats: `C major`, `Db major`.
  /// - Parameter root: The folder that holds `GS`.
  /// - Throws: `DatasetError` if a folder or a table is missing, a table is broken or no audio is there.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    var list = ItemList()
    try addAnnotated(below: folder.appendingPathComponent(mtg), to: &list)
    try addTest(below: folder.appendingPathComponent(test), to: &list)
    return try list.dataset(
      of: card, in: folder, classes: KeyLabels.names, remarks: [paperRemark])
  }

  /// Adds the songs of the MTG collection, in the order of its table.
  private static func addAnnotated(
    below folder: URL, to list: inout ItemList
  ) throws(DatasetError) {
    let table = try DelimitedTable(
      card.existingFile("annotations/annotations.txt", in: folder), separator: "\t",
      columns: ["ID", "MANUAL KEY", "C"])
    let artists = try ArtistSplit(songs: artists(below: folder))
    let columns = ["ID", "MANUAL KEY", "C"].map { table.index(of: $0) }
    for row in table.rows {
      var cells: [String] = []
      for column in columns { cells.append(try table.cell(column, of: row)) }
      let (id, key, confidence) = (cells[0], cells[1], cells[2])
      list.add(id) { () throws(Unusable) in
        let label = try KeyLabels.label(of: key, confidence: confidence)
        return try item(id, label, split: artists.split(of: id), below: folder)
      }
    }
  }

  /// The artists of each song, in lower case, in the order of the table.
  private static func artists(
    below folder: URL
  ) throws(DatasetError) -> [(id: String, artists: [String])] {
    let table = try DelimitedTable(
      card.existingFile("annotations/beatport_metadata.txt", in: folder), separator: "\t",
      columns: ["ID", "ARTIST"])
    let (id, artist) = (table.index(of: "ID"), table.index(of: "ARTIST"))
    var songs: [(id: String, artists: [String])] = []
    for row in table.rows {
      let names = try table.cell(artist, of: row).lowercased().components(separatedBy: ",")
      songs.append(
        (try table.cell(id, of: row), names.map { $0.trimmingCharacters(in: .whitespaces) }))
    }
    return songs
  }

  /// Adds the songs of the other collection, in the order of their numbers.
  private static func addTest(below folder: URL, to list: inout ItemList) throws(DatasetError) {
    let keys = folder.appendingPathComponent("annotations/key")
    guard let files = try? FileManager.default.contentsOfDirectory(atPath: keys.path) else {
      throw .unreadable(keys.path, reason: "no such folder; clone github.com/GiantSteps/\(test)")
    }
    let ids = files.filter { $0.hasSuffix(".LOFI.key") }.map { String($0.dropLast(9)) }
    for id in ids.sorted(by: { ($0.count, $0) < ($1.count, $1) }) {
      list.add(id) { () throws(Unusable) in
        let file = keys.appendingPathComponent("\(id).LOFI.key").path
        guard let key = try? TextFile.content(of: file) else {
          throw Unusable("its key cannot be read")
        }
        return try item(id, KeyLabels.label(of: key), split: .test, below: folder)
      }
    }
  }

  private static func item(
    _ id: String, _ label: Int, split: Split, below folder: URL
  ) throws(Unusable) -> LabelledItem {
    let path = try AudioLocation.listed(
      "\(id).LOFI.mp3", in: folder.appendingPathComponent("audio"))
    return LabelledItem(path: path, name: id, split: split, truth: .label(label))
  }
}

/// The 24 keys as classes.
private enum KeyLabels {
  private static let tonics = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
  private static let flats = ["C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"]

  static let names = ["major", "minor"].flatMap { mode in tonics.map { "\($0) \(mode)" } }

  /// The class of a key such as `D# minor`.
  static func label(of key: String) throws(Unusable) -> Int {
    let words = key.split(whereSeparator: \.isWhitespace).map(String.init)
    guard !words.isEmpty, words != ["-"] else { throw Unusable("no key") }
    guard !key.contains("/") else { throw Unusable("more than one key") }
    let name = ([flats[words[0]] ?? words[0]] + words.dropFirst()).joined(separator: " ")
    guard let label = names.firstIndex(of: name) else {
      throw Unusable("'\(name.prefix(40))' is no key")
    }
    return label
  }

  /// The class of a key of which its annotator is sure, which is a confidence of 2.
  static func label(of key: String, confidence: String) throws(Unusable) -> Int {
    let label = try label(of: key)
    guard confidence.trimmingCharacters(in: .whitespaces) == "2" else {
      throw Unusable("confidence \(confidence) of 2")
    }
    return label
  }
}
