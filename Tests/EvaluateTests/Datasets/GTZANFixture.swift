import Foundation

/// A GTZAN of three genres with three excerpts of 2 s in each part; a fourth of jazz is broken. 2.4 MB.
///
/// Excerpts of blues have about 220 Hz, of jazz 440 Hz, of rock 880 Hz.
enum GTZANFixture {
  private static let pitches = [("blues", 220.0), ("jazz", 440), ("rock", 880)]
  private static let parts = [("train", 0..<3), ("valid", 3..<6), ("test", 6..<9)]

  /// Writes `GTZAN` into a folder.
  /// - Parameters:
  ///   - audio: The folder of the genres.
  ///   - seconds: The length of an excerpt.
  static func write(to root: URL, audio: String = "genres", seconds: Double = 2) throws {
    let folder = root.appendingPathComponent("GTZAN")
    for (part, numbers) in parts {
      var paths = pitches.flatMap { genre, _ in numbers.map { "\(genre)/\(genre).0000\($0).wav" } }
      if part == "train" { paths.append("jazz/jazz.00054.wav") }
      try writeFile(
        paths.joined(separator: "\n") + "\n",
        to: folder.appendingPathComponent("\(part)_filtered.txt"))
    }
    try writeAudio(to: folder.appendingPathComponent(audio), seconds: seconds)
  }

  private static func writeAudio(to folder: URL, seconds: Double) throws {
    for (genre, pitch) in pitches {
      for number in 0..<9 {
        try writeStrokes(
          to: folder.appendingPathComponent("\(genre)/\(genre).0000\(number).wav"),
          seconds: seconds, sampleRate: 22_050, frequency: pitch * (1 + Double(number) / 200))
      }
    }
    try writeFile("no header", to: folder.appendingPathComponent("jazz/jazz.00054.wav"))
  }
}
