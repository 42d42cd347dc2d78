import Foundation

/// MagnaTagATune: 25,863 clips of 29 s, each with some of 188 tags, of which the 50 most frequent are predicted.
///
/// The first digit of a path assigns the part: `0` to `b` train, `c` validation, `d` to `f` test, which gives
/// 18,706, 1,825 and 5,329 clips. Clips with none of the 50 tags are kept, as MARBLE keeps them.
///
/// Source: Law et al. 2009; the split and the tags are those of MARBLE (Yuan et al. 2023).
public enum MagnaTagATune {
  /// What is known of it.
  public static let card = DatasetCard(
    name: "MagnaTagATune", folders: ["MTT"],
    contents: ["annotations_final.csv", "mp3/<0 to f>/<clip>.mp3"],
    origin: "https://mirg.city.ac.uk/codeapps/the-magnatagatune-dataset",
    licence: "CC BY-NC-SA 3.0")

  /// Clips whose mp3 is broken in the archive.
  private static let broken: Set = ["35644", "55753", "57881"]

  /// Reads the clips, each with its tags as `Truth.labels`; its name is its `clip_id`.
  ///
  /// Classes are the 50 tags that most rows of the table have, in descending number; of tags that are equally frequent,
  /// the first comes first.
  /// - Parameter root: The folder that holds `MTT`.
  /// - Throws: `DatasetError` if the folder or the table is missing, the table is broken or no audio is there.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let table = try DelimitedTable(
      card.existingFile("annotations_final.csv", in: folder), separator: "\t",
      columns: ["clip_id", "mp3_path"])
    let tags = try TagTable(table)
    let (id, path) = (table.index(of: "clip_id"), table.index(of: "mp3_path"))
    var list = ItemList()
    for (row, labels) in zip(table.rows, tags.labels) {
      let name = row.cells[id]
      list.add(name) { () throws(Unusable) in
        try item(name, path: row.cells[path], labels: labels, in: folder)
      }
    }
    return try list.dataset(of: card, in: folder, classes: tags.names)
  }

  private static func item(
    _ name: String, path: String, labels: [Int], in folder: URL
  ) throws(Unusable) -> LabelledItem {
    guard !broken.contains(name) else { throw Unusable("broken in the published archive") }
    let split = try split(of: path)
    let audio = try AudioLocation.listed(path, in: folder.appendingPathComponent("mp3"))
    return LabelledItem(path: audio, name: name, split: split, truth: .labels(labels))
  }

  private static func split(of path: String) throws(Unusable) -> Split {
    let folder = path.prefix { $0 != "/" }
    guard folder.count == 1, let digit = Int(folder, radix: 16) else {
      throw Unusable("'\(path)' does not start with a folder 0 to f")
    }
    return digit < 12 ? .train : digit == 12 ? .valid : .test
  }
}

/// The most frequent tags of a table, and which of them each row has.
private struct TagTable {
  /// In descending number of rows.
  let names: [String]
  /// For each row, indices into `names`, ascending.
  let labels: [[Int]]

  private static let largestCount = 50

  init(_ table: DelimitedTable) throws(DatasetError) {
    let columns = table.header.indices.filter {
      !["clip_id", "mp3_path"].contains(table.header[$0])
    }
    var rows: [[Int]] = []
    for row in table.rows { rows.append(try Self.tags(of: row, columns, in: table)) }
    let frequent = Self.mostFrequent(rows, columns: table.header.count)
    guard !frequent.isEmpty else {
      throw .malformed(table.path, line: 0, reason: "has no clip with a tag; get the file again")
    }
    let ranks = Dictionary(uniqueKeysWithValues: zip(frequent, frequent.indices))
    names = frequent.map { table.header[$0] }
    labels = rows.map { $0.compactMap { ranks[$0] }.sorted() }
  }

  /// The columns in which a row has a 1.
  private static func tags(
    of row: DelimitedTable.Row, _ columns: [Int], in table: DelimitedTable
  ) throws(DatasetError) -> [Int] {
    guard row.cells.count == table.header.count else {
      throw .malformed(
        table.path, line: row.line,
        reason: "has \(row.cells.count) cells in \(table.header.count) columns; get the file again")
    }
    if let odd = columns.first(where: { row.cells[$0] != "0" && row.cells[$0] != "1" }) {
      throw .malformed(
        table.path, line: row.line,
        reason: "'\(table.header[odd])' is '\(row.cells[odd])', neither 0 nor 1; get the file again"
      )
    }
    return columns.filter { row.cells[$0] == "1" }
  }

  private static func mostFrequent(_ rows: [[Int]], columns: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: columns)
    for column in rows.joined() { counts[column] += 1 }
    let present = counts.indices.filter { counts[$0] > 0 }
    return Array(present.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(largestCount))
  }
}
