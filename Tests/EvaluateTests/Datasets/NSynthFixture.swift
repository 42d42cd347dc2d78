import Foundation

/// Eight notes for each part as NSynth lays them out: of two families, which differ in overtones, and two pitches.
enum NSynthFixture {
  /// The name and the entry of a note.
  typealias Note = (name: String, entry: [String: Any])

  /// The notes of a part, by its place among train, valid and test.
  static func notes(_ part: Int) -> [Note] {
    [(0, "bass"), (3, "guitar")].flatMap { family, familyName in
      [48, 60].flatMap { pitch in
        [25, 127].map { velocity in
          let instrument = "\(familyName)_synthetic_00\(part)"
          let name = "\(instrument)-0\(pitch)-\(velocity == 25 ? "025" : "127")"
          return note(name, instrument, family, familyName, pitch, velocity)
        }
      }
    }
  }

  /// Writes `NSynth` below a folder.
  static func write(below root: URL, seconds: Double = 4) throws {
    for (part, split) in ["train", "valid", "test"].enumerated() {
      let folder = root.appendingPathComponent("NSynth/nsynth-\(split)")
      for (name, entry) in notes(part) {
        let pitch = Double(entry["pitch"] as! Int)
        try writeTone(
          to: folder.appendingPathComponent("audio/\(name).wav"), seconds: seconds,
          sampleRate: 16_000, frequency: 440 * pow(2, (pitch - 69) / 12),
          harmonics: entry["instrument_family"] as! Int == 0 ? 1 : 8)
      }
      let examples = Dictionary(uniqueKeysWithValues: notes(part).map { ($0.name, $0.entry) })
      try JSONSerialization.data(withJSONObject: examples, options: .prettyPrinted)
        .write(to: folder.appendingPathComponent("examples.json"))
    }
  }

  private static func note(
    _ name: String, _ instrument: String, _ family: Int, _ familyName: String, _ pitch: Int,
    _ velocity: Int
  ) -> Note {
    let entry: [String: Any] = [
      "note": 1, "note_str": name, "instrument": 1, "instrument_str": instrument, "pitch": pitch,
      "velocity": velocity, "sample_rate": 16_000, "qualities": [Int](repeating: 0, count: 10),
      "qualities_str": [String](), "instrument_family": family,
      "instrument_family_str": familyName, "instrument_source": 2,
      "instrument_source_str": "synthetic",
    ]
    return (name, entry)
  }
}
