import Foundation

/// 306 thousand notes of 4 s at 16 kHz, played by 1,006 instruments.
///
/// The parts are those in which the data set is published: 289,205, 12,678 and 4,096 notes.
///
/// Source: Engel et al. 2017, "Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders".
public enum NSynth {
  /// Where it comes from and what a complete folder has.
  public static let card = DatasetCard(
    name: "NSynth", folders: ["NSynth"],
    contents: [
      "nsynth-{train,valid,test}/examples.json", "nsynth-{train,valid,test}/audio/<note_str>.wav",
    ],
    origin: "magenta.tensorflow.org/datasets/nsynth", licence: "CC BY 4.0")

  /// The instrument: one of eleven families.
  /// - Throws: `DatasetError` if a list is missing or malformed, or if a part is empty.
  public static func readFamilies(_ root: URL) throws(DatasetError) -> LabelledDataset {
    let families = [
      "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string",
      "synth_lead", "vocal",
    ]
    return try read(root, label: \.family, classes: families, named: "instrument family")
  }

  /// The pitch as MIDI numbers it, 0 to 127, which is also the class.
  /// - Throws: `DatasetError` if a list is missing or malformed, or if a part is empty.
  public static func readPitches(_ root: URL) throws(DatasetError) -> LabelledDataset {
    try read(root, label: \.pitch, classes: (0..<128).map { "\($0)" }, named: "pitch")
  }

  private static func read(
    _ root: URL, label: KeyPath<NSynthNote, Int?>, classes: [String], named: String
  ) throws(DatasetError) -> LabelledDataset {
    let folder = try card.existingFolder(below: root)
    var list = ItemList()
    for split in Split.allCases {
      let part = folder.appendingPathComponent("nsynth-\(split.rawValue)")
      let audio = try NoteFiles(part.appendingPathComponent("audio"))
      for (name, note) in try NSynthNote.all(card.existingFile("examples.json", in: part)) {
        list.add(name) { () throws(Unusable) in
          guard let label = note[keyPath: label], classes.indices.contains(label) else {
            throw Unusable("no \(named) from 0 to \(classes.count - 1)")
          }
          let path = try audio.path(of: name)
          return LabelledItem(path: path, name: name, split: split, truth: .label(label))
        }
      }
    }
    return try list.dataset(of: card, in: folder, classes: classes)
  }
}

/// The audio of a part. The folder is listed once, instead of looked into for each of 289 thousand notes.
private struct NoteFiles {
  let folder: String
  let names: Set<String>

  init(_ folder: URL) throws(DatasetError) {
    (self.folder, names) = (folder.path, Set(try FolderListing.names(in: folder)))
  }

  func path(of note: String) throws(Unusable) -> String {
    let known = AudioLocation.endings.lazy.map { "\(note).\($0)" }
    guard let name = known.first(where: { names.contains($0) }) else {
      throw Unusable("no such file")
    }
    return "\(folder)/\(name)"
  }
}

/// What is used of a note's entry.
private struct NSynthNote: Decodable {
  /// The MIDI number; nil if the entry has no whole number there.
  var pitch: Int?
  /// The index of the family; nil likewise.
  var family: Int?

  private enum CodingKeys: String, CodingKey {
    case pitch
    case family = "instrument_family"
  }

  init(from decoder: any Decoder) throws {
    let entry = try decoder.container(keyedBy: CodingKeys.self)
    pitch = try? entry.decode(Int.self, forKey: .pitch)
    family = try? entry.decode(Int.self, forKey: .family)
  }

  /// The notes of a list, ascending by name.
  /// - Throws: `DatasetError` if it cannot be read or is no JSON object of objects.
  static func all(_ path: String) throws(DatasetError) -> [(String, NSynthNote)] {
    let data = try TextFile.bytes(of: path)
    do {
      let notes = try JSONDecoder().decode([String: NSynthNote].self, from: data)
      return notes.sorted { $0.key < $1.key }
    } catch {
      throw .malformed(path, line: 0, reason: "is no JSON object of notes; get the archive again")
    }
  }
}
