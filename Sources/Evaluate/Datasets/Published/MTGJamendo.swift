import Foundation

/// 55 thousand tracks of Jamendo with the tags that their artists gave them.
///
/// A track has several tags. The parts are those of split 0, of five that are published. Tags are numbered as they
/// first appear in the lists for training, validation and test; their names stay as written: `genre---rock`.
///
/// Source: Bogdanov et al. 2019, "The MTG-Jamendo Dataset for Automatic Music Tagging".
public enum MTGJamendo {
  /// The lists of tags that are published, a task each.
  public enum Category: String, CaseIterable, Sendable {
    /// 87 genres of 55,094 tracks.
    case genre
    /// 40 instruments of 24,976 tracks.
    case instrument
    /// 56 moods and themes of 17,982 tracks.
    case moodtheme
    /// The 50 most frequent tags of any kind, 54,380 tracks.
    case top50tags
  }

  /// Where it comes from and what a complete folder has.
  public static let card = DatasetCard(
    name: "MTG-Jamendo", folders: ["mtg-jamendo-dataset"],
    contents: [
      "data/splits/split-0/autotagging_<category>-{train,validation,test}.tsv",
      "audio-low/NN/<id>.low.mp3 or audio/NN/<id>.mp3",
    ],
    origin: "github.com/MTG/mtg-jamendo-dataset",
    licence: "audio: a Creative Commons licence for each track; tags: CC BY-NC-SA 4.0")

  /// Reads the three lists of a category.
  ///
  /// The audio of a track is looked for in `audio-low`, then in `audio`, then in the folder itself, and may have
  /// another ending.
  /// - Throws: `DatasetError` if a list is missing or malformed, or if a part is empty.
  public static func read(
    _ root: URL, category: Category
  ) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let audio = ["audio-low", "audio"].map { folder.appendingPathComponent($0) } + [folder]
    var (tags, list) = (TagNumbers(), ItemList())
    for (split, part) in [(Split.train, "train"), (.valid, "validation"), (.test, "test")] {
      let name = "data/splits/split-0/autotagging_\(category.rawValue)-\(part).tsv"
      for track in try JamendoTrack.all(card.existingFile(name, in: folder)) {
        let labels = tags.numbers(of: track.tags)
        list.add(track.id) { () throws(Unusable) in
          let path = try track.audio(in: audio)
          return LabelledItem(path: path, name: track.id, split: split, truth: .labels(labels))
        }
      }
    }
    return try list.dataset(of: card, in: folder, classes: tags.names, remarks: category.remarks)
  }
}

extension MTGJamendo.Category {
  fileprivate var remarks: [String] {
    let counts: (paper: Int, split: Int)? =
      switch self {
      case .genre: (95, 87)
      case .instrument: (41, 40)
      case .moodtheme: (59, 56)
      case .top50tags: nil
      }
    return counts.map {
      [
        "The paper of MARBLE counts \($0.paper) tags, those before the division; "
          + "the split has \($0.split)."
      ]
    } ?? []
  }
}

/// Numbers tags in the order in which they appear.
private struct TagNumbers {
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  /// Ascending, each once.
  mutating func numbers(of tags: [String]) -> [Int] {
    for tag in tags where numbers[tag] == nil {
      numbers[tag] = names.count
      names.append(tag)
    }
    return Set(tags.map { numbers[$0]! }).sorted()
  }
}
