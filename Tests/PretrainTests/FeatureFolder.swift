import Audio
import Foundation
import Pretrain
import Tensor

/// A folder of music that lives as long as the test.
final class FeatureFolder {
  let path = NSTemporaryDirectory() + "etude-features-\(UUID().uuidString)"
  var store: String { path + "/features.h5" }
  var parts: String { store + ".parts" }
  var music: String { path + "/music" }

  /// - Parameter pieces: How many sound files there are, `0.wav` and so on, a second each and a bit more
  ///   from one to the next.
  init(pieces: Int = 0) throws {
    try FileManager.default.createDirectory(
      atPath: music + "/more", withIntermediateDirectories: true)
    for number in 0..<pieces {
      try write(
        tone(seconds: 1 + 0.1 * Double(number), pitch: 220 + 40 * Double(number)),
        to: "\(number).wav")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ samples: [Float], sampleRate: Int = 16_000, to name: String) throws {
    try AudioFile.write(
      samples, sampleRate: sampleRate, encoding: .float32, to: "\(music)/\(name)")
  }

  /// The files below `music`, as a manifest.
  func manifest(_ names: [String]) -> Manifest {
    Manifest(root: music, entries: names.map { Manifest.Entry(path: $0, samples: 1) })
  }

  func manifest(pieces: Int) -> Manifest { manifest((0..<pieces).map { "\($0).wav" }) }

  func extraction(
    _ kind: FeatureKind = .mel, of manifest: Manifest
  ) throws -> FeatureExtraction {
    try FeatureExtraction(kind, of: manifest, into: store, sampleRate: 16_000, frameRate: 100)
  }
}

/// A tone that swells and fades.
func tone(seconds: Double, pitch: Double, sampleRate: Int = 16_000) -> [Float] {
  (0..<Int(seconds * Double(sampleRate))).map { n in
    let t = Double(n) / Double(sampleRate)
    return Float((0.3 + 0.2 * sin(2 * .pi * 2 * t)) * sin(2 * .pi * pitch * t))
  }
}
