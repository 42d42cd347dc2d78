import Foundation

/// GTZAN: 1,000 excerpts of 30 s, 100 of each of ten genres, in the split that avoids its known faults.
///
/// The lists give 442 excerpts to training, 197 to validation and 290 to the test.
///
/// Source: Tzanetakis and Cook 2002; the lists are those of Kereliuk, Sturm and Larsen 2015.
public enum GTZAN {
  /// What is known of it.
  public static let card = DatasetCard(
    name: "GTZAN", folders: ["GTZAN"],
    contents: [
      "genres/<genre>/<genre>.<00000 to 00099>.wav", "train_filtered.txt", "valid_filtered.txt",
      "test_filtered.txt",
    ],
    origin: "https://www.kaggle.com/datasets/andradaolteanu/"
      + "gtzan-dataset-music-genre-classification, lists: gtzan/ of github.com/coreyker/dnn-mgr",
    licence: "none found")

  /// In alphabetical order.
  private static let genres = [
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
  ]

  /// Where copies of the data set keep the folders of the genres.
  private static let audioFolders = ["genres", "Data/genres_original", "genres_original"]

  /// An excerpt of the training list that cannot be decoded in the copy that is left on the web.
  private static let broken = "jazz.00054"

  /// Reads the excerpts, each with its genre as `Truth.label`; its name is that of its file, without the ending.
  ///
  /// - Parameter root: The folder that holds `GTZAN`.
  /// - Throws: `DatasetError` if the folder or a list is missing or no audio is there.
  public static func read(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    let audio = try audioFolder(in: folder)
    var list = ItemList()
    for split in Split.allCases {
      for path in try paths(of: split, in: folder) {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        list.add(name) { () throws(Unusable) in try item(name, path, split, in: audio) }
      }
    }
    return try list.dataset(of: card, in: folder, classes: genres)
  }

  private static func audioFolder(in folder: URL) throws(DatasetError) -> URL {
    let folders = audioFolders.map { folder.appendingPathComponent($0) }
    if let audio = folders.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      return audio
    }
    throw .unreadable(
      folder.path,
      reason: "has no folder \(audioFolders.joined(separator: " or ")); "
        + "it should contain \(card.contents.joined(separator: ", "))")
  }

  /// The lines of a list that are not blank.
  private static func paths(of split: Split, in folder: URL) throws(DatasetError) -> [String] {
    let list = folder.appendingPathComponent("\(split.rawValue)_filtered.txt")
    guard FileManager.default.fileExists(atPath: list.path) else {
      throw .unreadable(
        list.path,
        reason: "no such file; take gtzan/\(list.lastPathComponent) of github.com/coreyker/dnn-mgr")
    }
    return try TextFile.lines(of: list.path)
      .map { $0.text.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  private static func item(
    _ name: String, _ path: String, _ split: Split, in audio: URL
  ) throws(Unusable) -> LabelledItem {
    guard name != broken else { throw Unusable("broken in the published copy") }
    let file = try AudioLocation.listed(path, in: audio)
    let genre = path.prefix { $0 != "/" }
    guard let label = genres.firstIndex(of: String(genre)) else {
      throw Unusable("'\(genre)' is no genre of GTZAN")
    }
    return LabelledItem(path: file, name: name, split: split, truth: .label(label))
  }
}
