import Audio
import Foundation

extension FuzzTarget {
  /// Damaged audio files of every format: to the end, and a stretch from the middle.
  static let decode = FuzzTarget("decode", damaging: audio) { path in
    let file = try AudioFile(path)
    let count = try file.check(minimumSeconds: 0.01)
    _ = try file.samples(in: count / 2..<count)
  }

  /// Damaged manifests.
  static let manifest = FuzzTarget("manifest", damaging: { _ in manifests }) { path in
    let manifest = try Manifest(contentsOf: path)
    _ = manifest.entries.map(manifest.path)
  }

  @Sendable private static func audio(in folder: URL) throws -> [[UInt8]] {
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
}
