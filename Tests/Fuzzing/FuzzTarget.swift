import Audio
import Foundation
import Pretrain
import Tensor

/// What reads bytes that a stranger may have made.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Audio files of every format: to the end, and a stretch from the middle.
  case decode
  /// Manifests.
  case manifest
  /// Label stores: the index and all codes.
  case store
  /// Feature stores: the index and all features.
  case features

  /// Sound inputs, made in `folder`.
  func seeds(in folder: URL) throws -> [[UInt8]] {
    switch self {
    case .decode: try Self.audio(in: folder)
    case .manifest: Self.manifests
    case .store: try Self.labelStores(in: folder)
    case .features: try Self.featureStores(in: folder)
    }
  }

  /// Reads `path`.
  /// - Throws: What a reader says of bad input.
  func read(_ path: String) throws {
    switch self {
    case .decode:
      let file = try AudioFile(path)
      let count = try file.check(minimumSeconds: 0.01)
      _ = try file.samples(in: count / 2..<count)
    case .manifest:
      let manifest = try Manifest(contentsOf: path)
      _ = manifest.entries.map(manifest.path)
    case .store:
      let store = try LabelStore(at: path)
      for file in store.files { _ = try store.codes(of: file.name) }
    case .features:
      let store = try FeatureStore(at: path)
      for file in store.files { _ = try store.features(of: file.name) }
    }
  }

  private static func audio(in folder: URL) throws -> [[UInt8]] {
    let kinds = [
      ("a.wav", 8000, 2), ("a.aiff", 8000, 1), ("a.flac", 8000, 2), ("a.ogg", 8000, 1),
      ("b.ogg", 44_100, 2), ("a.opus", 16_000, 1), ("a.mp3", 16_000, 1), ("b.mp3", 44_100, 2),
    ]
    return try kinds.map { name, rate, channels in
      let path = folder.appendingPathComponent(name).path
      let samples = (0..<rate / 4 * channels).map { 0.5 * sin(Float($0 * $0 % 9973) / 50) }
      try AudioFile.write(samples, sampleRate: rate, channels: channels, to: path)
      return try bytes(of: path)
    }
  }

  private static let manifests: [[UInt8]] = [
    "/\na.wav\t100\nb/c.flac\t24000\n", "/tmp\r\n\r\nü 🎹.ogg\t9223372036854775807\r\n",
    "/\n" + (0..<50).map { "folder/\($0).mp3\t\($0 * 1000 + 1)\n" }.joined(),
  ].map { Array($0.utf8) }

  static func bytes(of path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
