import Evaluate
import Foundation

/// Eight tracks for each part as MTG-Jamendo lays them out, with lists for all four categories.
///
/// Low tracks have the first tag of a category, high ones the second, those with overtones the third as well, and three
/// of the test a fourth that occurs nowhere else.
enum MTGJamendoFixture {
  /// In the order in which they appear.
  static func tags(_ category: MTGJamendo.Category) -> [String] {
    switch category {
    case .genre: ["genre---rock", "genre---dub", "genre---ambient", "genre---folk"]
    case .instrument:
      ["instrument---bass", "instrument---choir", "instrument---harp", "instrument---oboe"]
    case .moodtheme:
      ["mood/theme---calm", "mood/theme---epic", "mood/theme---happy", "mood/theme---sad"]
    case .top50tags:
      ["genre---rock", "mood/theme---epic", "instrument---harp", "genre---folk"]
    }
  }

  private static let folderName = "mtg-jamendo-dataset"

  /// Writes `mtg-jamendo-dataset` below a folder.
  static func write(below root: URL, seconds: Double = 3) throws {
    let folder = root.appendingPathComponent(folderName)
    for track in 0..<24 {
      try writeTone(
        to: folder.appendingPathComponent("audio/\(name(track)).wav"), seconds: seconds,
        sampleRate: 16_000, frequency: isHigh(track) ? 880 : 220, harmonics: isRich(track) ? 6 : 1)
    }
    let lists = folder.appendingPathComponent("data/splits/split-0")
    try FileManager.default.createDirectory(at: lists, withIntermediateDirectories: true)
    for category in MTGJamendo.Category.allCases {
      for (part, split) in ["train", "validation", "test"].enumerated() {
        let name = "autotagging_\(category.rawValue)-\(split).tsv"
        try Data(list(category, part).utf8).write(to: lists.appendingPathComponent(name))
      }
    }
  }

  private static func list(_ category: MTGJamendo.Category, _ part: Int) -> String {
    let tags = tags(category)
    return "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS\r\n"
      + (8 * part..<8 * part + 8).map { track in
        let own = [
          isRich(track) ? tags[2] : nil, tags[isHigh(track) ? 1 : 0],
          track > 20 ? tags[3] : nil,
        ].compactMap(\.self)
        return "track_0000\(241 + track)\tartist_000005\talbum_000033\t\(name(track)).mp3\t340.1\t"
          + own.joined(separator: "\t") + "\r\n"
      }.joined()
  }

  private static func name(_ track: Int) -> String { "\(41 + track)/\(241 + track)" }
  private static func isHigh(_ track: Int) -> Bool { !track.isMultiple(of: 2) }
  private static func isRich(_ track: Int) -> Bool { track % 4 > 1 }
}
