import Foundation

/// The two lists of emoMusic: its songs and what listeners rated them.
struct EmoRatings {
  /// A row of the list of songs.
  struct Song {
    var id: Int
    var artist: String
    /// `development` or `evaluation`.
    var set: String

    /// The part that it belongs to; nil for a set of another name.
    var split: Split? {
      switch set {
      case "evaluation": .test
      case "development": EmoRatings.group(of: artist) < 8 ? .train : .valid
      default: nil
      }
    }
  }

  /// In the order of the list.
  let songs: [Song]
  /// Arousal and valence, 1 to 9, by the number of the song.
  private let ratings: [Int: [Double]]
  /// Of arousal and valence over the rated development songs.
  private let means, deviations: [Double]

  /// Reads both lists.
  /// - Parameters:
  ///   - songsPath: `songs_info.csv`.
  ///   - ratingsPath: `static_annotations.csv`.
  /// - Throws: `DatasetError` if one is malformed, or if ratings do not differ between songs.
  init(of songsPath: String, _ ratingsPath: String) throws(DatasetError) {
    songs = try Self.songs(songsPath)
    ratings = try Self.ratings(ratingsPath)
    let developed = songs.filter { $0.set == "development" }.compactMap { [ratings] in
      ratings[$0.id]
    }
    let columns = (0..<2).map { column in developed.map { $0[column] } }
    means = columns.map(Self.mean)
    deviations = zip(columns, means).map { column, mean in
      Self.mean(column.map { ($0 - mean) * ($0 - mean) }).squareRoot()
    }
    guard deviations.allSatisfy({ $0 > 0 }) else {
      throw .malformed(
        ratingsPath, line: 0, reason: "has no two development songs with different ratings")
    }
  }

  /// Arousal and valence of a song minus their means and over their deviations; nil if it is not rated.
  func standardised(_ id: Int) -> [Double]? {
    ratings[id].map { values in
      values.indices.map { (values[$0] - means[$0]) / deviations[$0] }
    }
  }

  /// SHA-1 modulo 10 of the name's ASCII letters in lower case, words one blank apart.
  static func group(of artist: String) -> Int {
    let kept = artist.lowercased().unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.isWhitespace)
    }
    let words = String(String.UnicodeScalarView(kept)).split(whereSeparator: \.isWhitespace)
    return SHA1.remainder(of: words.joined(separator: " "), by: 10)
  }

  private static func songs(_ path: String) throws(DatasetError) -> [Song] {
    let names = ["song_id", "Artist", "Mediaeval 2013 set"]
    let table = try DelimitedTable(path, separator: ",", columns: names)
    let columns = names.map(table.index)
    return try table.rows.map { row throws(DatasetError) in
      let set = try table.cell(columns[2], of: row).trimmingCharacters(in: .whitespaces)
      let artist = try table.cell(columns[1], of: row)
      return Song(id: try id(columns[0], of: row, in: table), artist: artist, set: set)
    }
  }

  private static func ratings(_ path: String) throws(DatasetError) -> [Int: [Double]] {
    let names = ["mean_arousal", "mean_valence"]
    let table = try DelimitedTable(path, separator: ",", columns: ["song_id"] + names)
    let columns = names.map(table.index)
    var ratings: [Int: [Double]] = [:]
    for row in table.rows {
      let id = try id(table.index(of: "song_id"), of: row, in: table)
      let values = try columns.map { column throws(DatasetError) in
        try rating(column, of: row, in: table)
      }
      guard ratings.updateValue(values, forKey: id) == nil else {
        throw .malformed(path, line: row.line, reason: "rates song \(id) again; keep one row")
      }
    }
    return ratings
  }

  private static func rating(
    _ column: Int, of row: DelimitedTable.Row, in table: DelimitedTable
  ) throws(DatasetError) -> Double {
    let value = try table.number(column, of: row)
    guard (1...9).contains(value) else {
      throw .malformed(
        table.path, line: row.line, reason: "'\(table.header[column])' is \(value), not 1 to 9")
    }
    return value
  }

  private static func id(
    _ column: Int, of row: DelimitedTable.Row, in table: DelimitedTable
  ) throws(DatasetError) -> Int {
    let text = try table.cell(column, of: row)
    guard let id = Int(text.trimmingCharacters(in: .whitespaces)) else {
      throw .malformed(
        table.path, line: row.line, reason: "'song_id' is '\(text)', which is no whole number")
    }
    return id
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}
