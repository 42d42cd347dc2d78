import Foundation

/// A fresh folder, removed with the value that owns it.
final class TemporaryFolder {
  let path = NSTemporaryDirectory() + "etude-audio-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The full path of a file in it.
  func file(_ name: String) -> String { path + "/" + name }

  /// Writes bytes, making the folders on the way.
  @discardableResult func write(_ data: Data, to name: String) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
    return file(name)
  }

  /// Cuts a file to this share of its bytes.
  func cut(_ name: String, to share: Double) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: file(name)))
    try data.prefix(Int(Double(data.count) * share)).write(to: URL(fileURLWithPath: file(name)))
  }
}

/// Two tones and their slow beating, `count` samples at `sampleRate` Hz.
func tones(_ count: Int, sampleRate: Int) -> [Float] {
  (0..<count).map { n in
    let t = Double(n) / Double(sampleRate)
    let low = sin(2 * .pi * 220 * t) * (0.6 + 0.4 * sin(2 * .pi * 1.5 * t))
    return Float(0.4 * low + 0.2 * sin(2 * .pi * 1318.5 * t))
  }
}
