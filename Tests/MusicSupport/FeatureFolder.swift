import Audio
import Foundation
import Tensor

/// A folder of music that lives as long as the test.
public final class FeatureFolder {
  /// Where it lies.
  public let path = NSTemporaryDirectory() + "etude-features-\(UUID().uuidString)"
  /// Where its features go.
  public var store: String { path + "/features.h5" }
  /// Where they lie until they are complete.
  public var parts: String { store + ".parts" }
  /// Where its sound files lie.
  public var music: String { path + "/music" }

  /// - Parameter pieces: How many sound files there are, `0.wav` and so on, a second each and a bit more
  ///   from one to the next.
  public init(pieces: Int = 0) throws {
    try FileManager.default.createDirectory(
      atPath: music + "/more", withIntermediateDirectories: true)
    for number in 0..<pieces {
      try write(
        tone(seconds: 1 + 0.1 * Double(number), pitch: 220 + 40 * Double(number)),
        to: "\(number).wav")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a sound file.
  public func write(_ samples: [Float], sampleRate: Int = 16_000, to name: String) throws {
    try AudioFile.write(
      samples, sampleRate: sampleRate, encoding: .float32, to: "\(music)/\(name)")
  }

  /// The files below `music`, as a manifest.
  public func manifest(_ names: [String]) -> Manifest {
    Manifest(root: music, entries: names.map { Manifest.Entry(path: $0, samples: 1) })
  }

  /// Those that `init` made.
  public func manifest(pieces: Int) -> Manifest { manifest((0..<pieces).map { "\($0).wav" }) }

  /// What extracts their features.
  public func extraction(
    _ kind: FeatureKind = .mel, of manifest: Manifest
  ) throws -> FeatureExtraction {
    try FeatureExtraction(kind, of: manifest, into: store, sampleRate: 16_000, frameRate: 100)
  }
}

/// A tone that swells and fades.
public func tone(seconds: Double, pitch: Double, sampleRate: Int = 16_000) -> [Float] {
  (0..<Int(seconds * Double(sampleRate))).map { n in
    let t = Double(n) / Double(sampleRate)
    return Float((0.3 + 0.2 * sin(2 * .pi * 2 * t)) * sin(2 * .pi * pitch * t))
  }
}
