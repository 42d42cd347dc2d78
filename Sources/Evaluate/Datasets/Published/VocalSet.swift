import Foundation

/// Ten hours of 20 singers who sing scales, arpeggios, long tones and excerpts in 17 techniques.
///
/// An item is a whole file. A singer is named by the folder, so the 28 files whose names lack the singer's prefix need
/// no other name.
///
/// The published parts were drawn at random and are not published as lists. Ours depend only on names.
///
/// Source: Wilkins et al. 2018, "VocalSet: A Singing Voice Dataset"; the tasks of MARBLE (Yuan et al. 2023).
public enum VocalSet {
  /// Where it comes from and what a complete folder has.
  public static let card = DatasetCard(
    name: "VocalSet", folders: ["VocalSet"],
    contents: ["FULL/<singer>/<context>/<technique>/<file>.wav"],
    origin: "zenodo.org/records/1203819", licence: "CC BY 4.0")

  /// The singers: nine women, then eleven men.
  static let singers = (1...9).map { "female\($0)" } + (1...11).map { "male\($0)" }
  /// The techniques that are told apart, ascending.
  static let techniques = [
    "belt", "breathy", "inhaled", "lip_trill", "spoken", "straight", "trill", "trillo", "vibrato",
    "vocal_fry",
  ]
  /// The techniques that only the task of singers uses.
  static let otherTechniques = [
    "fast_forte", "fast_piano", "forte", "messa", "pp", "slow_forte", "slow_piano",
  ]

  /// Who sings: 20 classes, files of all 17 techniques.
  ///
  /// Parts share no file: of 25 files, 12 are for training, 8 for validation and 5 for the test, by the SHA-1 of
  /// `<singer>/<context>/<technique>/<file>` without its ending.
  /// - Throws: `DatasetError` if there are no files, or if a part has none.
  public static func readSingers(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let classes = (1...9).map { "f\($0)" } + (1...11).map { "m\($0)" }
    return try read(root, without: [], classes: classes, remark: singersRemark) { file in
      let split: Split =
        switch SHA1.remainder(of: file.name, by: 25) {
        case ..<12: .train
        case ..<20: .valid
        default: .test
        }
      return (split, singers.firstIndex(of: file.singer)!)
    }
  }

  /// How they sing: the ten techniques that the paper classifies; files of the seven others are not part of the task.
  ///
  /// Parts share no singer. The test has the published ones: f2 f8 m3 m5 m10. Nine others are for training (f1 f3 f5 f7
  /// m1 m4 m6 m8 m11) and six for validation (f4 f6 f9 m2 m7 m9).
  /// - Throws: `DatasetError` if there are no files, or if a part has none.
  public static func readTechniques(_ root: URL) throws(DatasetError) -> LabelledDataset {
    try read(root, without: otherTechniques, classes: techniques, remark: techniquesRemark) {
      (split(of: $0.singer), techniques.firstIndex(of: $0.technique)!)
    }
  }

  private static func split(of singer: String) -> Split {
    switch singer {
    case "female2", "female8", "male3", "male5", "male10": .test
    case "female4", "female6", "female9", "male2", "male7", "male9": .valid
    default: .train
    }
  }

  /// - Parameters:
  ///   - unused: Techniques that are not part of the task.
  ///   - place: The part and the class of a usable file.
  private static func read(
    _ root: URL, without unused: [String], classes: [String], remark: String,
    place: (VocalSetFile) -> (split: Split, label: Int)
  ) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    var list = ItemList()
    for file in try VocalSetFile.all(in: folder) where !unused.contains(file.technique) {
      list.add(file.name) { () throws(Unusable) in
        try file.requireUsable()
        let (split, label) = place(file)
        return LabelledItem(path: file.path, name: file.name, split: split, truth: .label(label))
      }
    }
    return try list.dataset(of: card, in: folder, classes: classes, remarks: [remark])
  }

  private static let singersRemark =
    "The split of the paper was drawn at random and not published; "
    + "this one has its shares, 12:8:5 of the files."
  private static let techniquesRemark =
    "The split of the paper was drawn at random and not published; this one has its test singers, "
    + "9 others for training and 6 for validation."
}
