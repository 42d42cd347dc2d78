import Foundation

/// A GiantSteps of six songs in each part, three in C major and three in E flat minor, and of four that cannot be used.
/// The first song of a part has 65 s, the others 31 s. 6.5 MB.
///
/// C major has 262 Hz, E flat minor 311 Hz.
enum GiantStepsFixture {
  /// A row of the MTG collection.
  struct Song {
    var id: String
    var artists: String
    var key = "C major"
    var confidence = "2"
  }

  /// The SHA-1 hashes of the artists modulo 116: Bo 43, Cleo 17, Dax 86, Gus 16, Hana 60, Lou 99, which is training,
  /// Eli 100, Mia 108, Tia 106, Wes 104, which is validation. Ada has 80, but plays with Eli.
  static let songs = [
    Song(id: "1001", artists: "Bo"), Song(id: "1002", artists: "Cleo, Dax"),
    Song(id: "1003", artists: "Lou"), Song(id: "1004", artists: "Gus", key: "D# minor"),
    Song(id: "1005", artists: "Hana", key: "D# minor"),
    Song(id: "1006", artists: "Bo", key: "D# minor "),
    Song(id: "2001", artists: "Ada"), Song(id: "2002", artists: "Ada, Eli"),
    Song(id: "2003", artists: "Mia"), Song(id: "2004", artists: "Tia", key: "D# minor"),
    Song(id: "2005", artists: "WES", key: "D# minor"),
    Song(id: "2006", artists: "Gus Mia,Eli", key: "D# minor"),
    Song(id: "4001", artists: "Bo", key: "-", confidence: "0"),
    Song(id: "4002", artists: "Bo", key: "C minor / F# minor"),
    Song(id: "4003", artists: "Bo", confidence: "1"),
    Song(id: "4004", artists: "Bo", key: "C / dur"),
  ]

  /// The ids and keys of the other collection.
  private static let testKeys = [
    "3001": "C major", "3002": "C major", "3003": "C major", "3004": "Eb minor",
    "3005": "Eb minor", "3006": "Eb minor",
  ]

  /// Writes `GS` into a folder.
  static func write(to root: URL) throws {
    try writeTables(of: songs, to: root)
    for song in songs { try writeAudio(of: song.id, song.key, to: mtg(root)) }
    for (id, key) in testKeys {
      try writeFile(key, to: test(root).appendingPathComponent("annotations/key/\(id).LOFI.key"))
      try writeAudio(of: id, key, to: test(root))
    }
  }

  /// Writes the two tables of the MTG collection.
  static func writeTables(of songs: [Song], to root: URL) throws {
    let keys = songs.map { "\($0.id)\t\($0.key)\t\($0.confidence)" }
    let metadata = songs.map { "\($0.id)\t\($0.artists)\tTitle\tMix\tLabel\tTechno\t128\tC major" }
    try writeFile(
      lines(["ID\tMANUAL KEY\tC"] + keys),
      to: mtg(root).appendingPathComponent("annotations/annotations.txt"))
    try writeFile(
      lines(["ID\tARTIST\tSONG TITLE\tMIX\tLABEL\tBP GENRE\tBP BPM\tBP KEY"] + metadata),
      to: mtg(root).appendingPathComponent("annotations/beatport_metadata.txt"))
  }

  /// The folder of the MTG collection.
  static func mtg(_ root: URL) -> URL {
    root.appendingPathComponent("GS/giantsteps-mtg-key-dataset")
  }

  /// The folder of the other collection.
  static func test(_ root: URL) -> URL { root.appendingPathComponent("GS/giantsteps-key-dataset") }

  private static func lines(_ rows: [String]) -> String { rows.joined(separator: "\n") + "\n" }

  private static func writeAudio(of id: String, _ key: String, to folder: URL) throws {
    try writeStrokes(
      to: folder.appendingPathComponent("audio/\(id).LOFI.wav"),
      seconds: id.hasSuffix("1") ? 65 : 31,
      sampleRate: 4_000, frequency: key.contains("minor") ? 311 : 262)
  }
}
