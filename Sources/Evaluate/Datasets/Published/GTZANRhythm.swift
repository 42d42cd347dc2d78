import Foundation

/// GTZAN-Rhythm: the beats and downbeats of GTZAN's excerpts.
///
/// Audio and split are those of `GTZAN`.
///
/// Source: Marchand, Fresnel and Peeters 2015.
public enum GTZANRhythm {
  /// What is known of it.
  public static let card = DatasetCard(
    name: "GTZAN-Rhythm", folders: ["GTZAN-Rhythm"],
    contents: ["jams/<genre>.<number>.wav.jams or beats/gtzan_<genre>_<number>.beats"],
    origin: "http://anasynth.ircam.fr/home/media/GTZAN-rhythm "
      + "or https://github.com/TempoBeatDownbeat/gtzan_tempo_beat",
    licence: "none found")

  /// Where the JAMS files lie: as the archive unpacks, or in part of its folders.
  private static let folders = ["GTZAN-Rhythm_v2_ismir2015_lbd/jams", "jams", "."]

  /// Reads the excerpts, each with its beats as `Truth.beats`, in the order of GTZAN's lists.
  ///
  /// A few excerpts have beats behind the end of their audio. They are kept, as this opens no audio; whoever
  /// makes labels of frames from them has to drop them. Some excerpts have no downbeats.
  /// - Parameter root: The folder that holds `GTZAN` and `GTZAN-Rhythm`.
  /// - Throws: `DatasetError` as `GTZAN.read` does, and if the folder is missing or has no beats of any excerpt.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let excerpts = try GTZAN.read(root)
    var list = ItemList(leftOut: excerpts.leftOut)
    for var excerpt in excerpts.items {
      list.add(excerpt.name) { () throws(Unusable) in
        let annotation = try annotation(of: excerpt.name, in: folder)
        excerpt.truth = .beats(annotation.beats, downbeats: annotation.downbeats)
        return excerpt
      }
    }
    return try list.dataset(of: card, in: folder, classes: ["beat", "downbeat"])
  }

  private static func annotation(
    of name: String, in folder: URL
  ) throws(Unusable) -> BeatAnnotation {
    for place in folders {
      let jams = folder.appendingPathComponent("\(place)/\(name).wav.jams")
      if let bytes = try? TextFile.bytes(of: jams.path) { return try BeatAnnotation(jams: bytes) }
    }
    let stem = name.replacingOccurrences(of: ".", with: "_")
    let rows = folder.appendingPathComponent("beats/gtzan_\(stem).beats")
    guard let lines = try? TextFile.lines(of: rows.path) else {
      throw Unusable("no file of its beats can be read")
    }
    return try BeatAnnotation(rows: lines.map(\.text))
  }
}
