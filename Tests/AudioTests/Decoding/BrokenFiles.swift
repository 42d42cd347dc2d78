import Audio
import Foundation
import TestSupport

/// One of each kind of broken file that a folder of music may hold, and how it is refused.
enum BrokenFile: String, CaseIterable {
  case missing, folder, empty, text, truncatedFlac, truncatedWav, damagedFlac, notANumber, infinite
  case silent, threeSamples

  var name: String { rawValue + (rawValue.hasSuffix("Flac") ? ".flac" : ".wav") }

  /// Writes the file into `folder` and returns its path.
  func make(in folder: TestFolder) throws -> String {
    let path = folder.path(name)
    switch self {
    case .missing: break
    case .folder:
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    case .empty: try folder.write(Data(), to: name)
    case .text: try folder.write(Data("a shopping list, not music\n".utf8), to: name)
    case .truncatedFlac, .truncatedWav:
      try write(tones(60_000, sampleRate: 16_000), to: path)
      try folder.cut(name, to: 0.6)
    case .damagedFlac:
      try write(tones(60_000, sampleRate: 16_000), to: path)
      try overwriteMiddle(of: path)
    case .notANumber: try writeFloats(tones(4000, sampleRate: 16_000) + [.nan, 0], to: path)
    case .infinite: try writeFloats(tones(4000, sampleRate: 16_000) + [.infinity], to: path)
    case .silent: try write([Float](repeating: 0, count: 32_000), to: path)
    case .threeSamples: try write([0.1, 0.2, 0.3], to: path)
    }
    return path
  }

  /// Words that the refusal must hold.
  var complaint: String {
    switch self {
    case .missing: "no such file"
    case .folder: "it is a folder"
    case .empty: "empty"
    case .text: "not audio"
    // The decoder ends at the first damaged block.
    case .truncatedFlac, .truncatedWav, .damagedFlac: "truncated"
    case .notANumber, .infinite: "NaN or infinite"
    case .silent: "silent"
    case .threeSamples: "too short"
    }
  }

  private func write(_ samples: [Float], to path: String) throws {
    try AudioFile.write(samples, sampleRate: 16_000, to: path)
  }

  private func writeFloats(_ samples: [Float], to path: String) throws {
    try AudioFile.write(samples, sampleRate: 16_000, encoding: .float32, to: path)
  }

  private func overwriteMiddle(of path: String) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    data.replaceSubrange(
      data.count / 2..<data.count / 2 + 9000, with: Data(repeating: 0x55, count: 9000))
    try data.write(to: URL(fileURLWithPath: path))
  }
}
