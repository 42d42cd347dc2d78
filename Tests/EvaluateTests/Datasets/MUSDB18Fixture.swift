import Foundation

/// Nine songs as `musdbconvert` writes MUSDB18, three for each part; the mixture is the sum of the stems.
enum MUSDB18Fixture {
  /// The songs in `train`, of which the last three are for validation by their names, and those in `test`.
  static let songs = [
    "train": [
      "Band - First", "Band - Second", "Band - Third", "Leaf - Summerghost",
      "Meaxic - Take A Step", "Triviul - Angelsaint",
    ],
    "test": ["Other - First", "Other - Second", "Other - Third"],
  ]

  /// Writes `musdb18` below a folder. At 6 kHz, so that nine songs stay below 10 MB.
  static func write(below root: URL, seconds: Double = 8) throws {
    for (part, names) in songs {
      for (index, name) in names.enumerated() {
        let song = root.appendingPathComponent("musdb18/\(part)/\(name)")
        let stems = stems(pitch: 1 + Double(index) / 12)
        for (stem, tone) in stems {
          try writeTones(
            [tone], to: song.appendingPathComponent("\(stem).wav"), seconds: seconds,
            sampleRate: 6000)
        }
        try writeTones(
          stems.map(\.tone), to: song.appendingPathComponent("mixture.wav"), seconds: seconds,
          sampleRate: 6000)
      }
    }
  }

  private static func stems(pitch: Double) -> [(name: String, tone: FixtureTone)] {
    [
      ("vocals", FixtureTone(frequency: 440 * pitch, harmonics: 3, gains: [0.1, 0.1])),
      ("drums", FixtureTone(frequency: 1500 * pitch, gains: [0.05, 0.15])),
      ("bass", FixtureTone(frequency: 70 * pitch, harmonics: 2, gains: [0.15, 0.15])),
      ("other", FixtureTone(frequency: 260 * pitch, harmonics: 4, gains: [0.12, 0.05])),
    ]
  }
}
