import Foundation

/// 150 songs as mixtures and as the four stems that they consist of: vocals, drums, bass and the rest.
///
/// A song is a folder of five files, as `musdbconvert` of the package `musdb` makes them. AAC is not decoded, so a
/// `.stem.mp4` is left out unless its folder lies beside it. 86, 14 and 50 songs.
///
/// Source: Rafii et al. 2017, "The MUSDB18 corpus for music separation".
public enum MUSDB18 {
  /// Where it comes from and what a complete folder has.
  public static let card = DatasetCard(
    name: "MUSDB18", folders: ["musdb18"],
    contents: ["{train,test}/<Artist - Title>/{mixture,drums,bass,other,vocals}.wav"],
    origin: "zenodo.org/records/1117372, converted with musdbconvert",
    licence: "academic and educational use only; a licence for each song")

  /// The songs for validation, by the default of `musdb`, where there is no folder `valid`.
  static let validation: Set = [
    "Actions - One Minute Smile", "Clara Berry And Wooldog - Waltz For My Victims",
    "Johnny Lokke - Promises & Lies", "Patrick Talbot - A Reason To Leave", "Triviul - Angelsaint",
    "Alexander Ross - Goodbye Bolero", "Fergessen - Nos Palpitants", "Leaf - Summerghost",
    "Skelpolu - Human Mistakes", "Young Griffo - Pennies", "ANiMAL - Rockshow",
    "James May - On The Line", "Meaxic - Take A Step", "Traffic Experiment - Sirens",
  ]

  private static let stems = ["vocals", "drums", "bass", "other"]

  /// Reads the folders of songs below `ROOT/musdb18`.
  ///
  /// If there is a folder `valid`, its songs are for validation and all of `train` for training; else the 14 songs of
  /// `train` that `musdb` names are for validation. A song in two folders is used once, from `test` before `valid`
  /// before `train`, so that what is measured was not learned from.
  /// - Throws: `DatasetError` if a folder cannot be listed, or if a part is empty.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let hasValid = FolderListing.isFolder(folder.appendingPathComponent("valid"))
    var list = ItemList()
    for part in [Split.test, .valid, .train] {
      for entry in try entries(of: folder.appendingPathComponent(part.rawValue)) {
        let name = entry.lastPathComponent
        let isNamed = part == .train && !hasValid && validation.contains(name)
        list.add(name) { () throws(Unusable) in try item(entry, isNamed ? .valid : part) }
      }
    }
    return try list.dataset(of: card, in: folder, classes: stems)
  }

  /// The folders of songs, and the files that are yet to be converted.
  private static func entries(of part: URL) throws(DatasetError) -> [URL] {
    let entries = try FolderListing.names(in: part).map { part.appendingPathComponent($0) }
    let songs = Set(entries.filter(FolderListing.isFolder))
    let converted = Set(songs.map { "\($0.lastPathComponent).stem.mp4" })
    return entries.filter {
      let name = $0.lastPathComponent
      return songs.contains($0) || name.hasSuffix(".stem.mp4") && !converted.contains(name)
    }
  }

  private static func item(_ song: URL, _ split: Split) throws(Unusable) -> LabelledItem {
    guard song.pathExtension != "mp4" else {
      throw Unusable("AAC is not decoded; convert it with musdbconvert")
    }
    var paths: [String: String] = [:]
    for stem in stems { paths[stem] = try file(stem, of: song) }
    return LabelledItem(
      path: try file("mixture", of: song), name: song.lastPathComponent, split: split,
      truth: .stems(paths))
  }

  private static func file(_ stem: String, of song: URL) throws(Unusable) -> String {
    guard let path = AudioLocation.find("\(stem).wav", in: song) else {
      throw Unusable("has no \(stem).wav")
    }
    return path
  }
}
