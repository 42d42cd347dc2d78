import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

extension MelEncoder.Config {
  /// The sizes of Golden/models_mel.py.
  static var tiny: MelEncoder.Config {
    var config = MelEncoder.Config()
    var frontEnd = ResidualSubsampling.Config()
    frontEnd.channels = 3
    config.frontEnd.residual = frontEnd
    (config.width, config.layers, config.heads) = (12, 2, 3)
    (config.feedForwardWidth, config.kernel) = (20, 5)
    (config.dropout, config.attentionDropout, config.activationDropout) = (0, 0, 0)
    return config
  }
}

extension MelEncoder {
  /// A random encoder, the same for the same seed.
  static func random(_ config: Config, seed: UInt64 = 1) throws -> MelEncoder {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    return try MelEncoder(config, using: &generator)
  }
}

/// Where Golden/models_mel.py writes.
let publishedFolder = goldenFolder.appendingPathComponent("models_mel")
let muqFolder = publishedFolder.appendingPathComponent("muq")
let mert2Folder = publishedFolder.appendingPathComponent("mert2")
let musicFMFile = publishedFolder.appendingPathComponent("musicfm/pretrained_tiny.pt")

/// A tensor of MuQ's golden file.
func expectedOfMuQ(_ name: String) throws -> Tensor {
  try SafeTensors(contentsOf: muqFolder.appendingPathComponent("golden.safetensors")).tensor(name)
}

/// Calls `body` with a copy of MuQ's folder in which words of its configuration are replaced.
func withMuQFolder(
  replacing words: String = "", with others: String = "", _ body: (URL) throws -> Void
) throws {
  try withTemporaryFolder { folder in
    let text = try String(
      contentsOf: muqFolder.appendingPathComponent("config.json"), encoding: .utf8)
    let changed = words.isEmpty ? text : text.replacing(words, with: others)
    #expect(words.isEmpty || changed != text, "'\(words)' is not in config.json")
    try Data(changed.utf8).write(to: folder.appendingPathComponent("config.json"))
    try FileManager.default.copyItem(
      at: muqFolder.appendingPathComponent("model.safetensors"),
      to: folder.appendingPathComponent("model.safetensors"))
    try body(folder)
  }
}

/// That two encoders are the same, bit for bit.
func expectSame(_ a: MelEncoder, _ b: MelEncoder, but exceptions: Set<String> = []) {
  #expect(a.config == b.config)
  for ((path, x), (_, y)) in zip(a.state, b.state) where !exceptions.contains(path) {
    #expect(x.scalars == y.scalars, "\(path)")
  }
}
