import Files
import Foundation
import Models
import Tensor

/// A folder of OMAR-RQ, `config.gin` and `model.ckpt`.
enum OMARFolder {
  static let configName = "config.gin"
  static let weightsName = "model.ckpt"

  /// Whether a folder is one.
  static func isOne(_ folder: URL) throws -> Bool {
    try Presence.kind(of: folder.appendingPathComponent(configName).path) != nil
  }

  /// The numbers of its encoder, without the weights.
  static func config(of folder: URL) throws -> MelEncoder.Config {
    try MelFolder.checkedConfig(at: folder.appendingPathComponent(configName)) { url in
      try OMARConfig(GinFile(contentsOf: url)).encoderConfig
    }
  }

  static func read(_ folder: URL) throws -> MelEncoder {
    let url = folder.appendingPathComponent(configName)
    do {
      let foreign = try OMARConfig(GinFile(contentsOf: url))
      let weights = try Weights(pytorch: folder.appendingPathComponent(weightsName))
      return try MelWeights(weights, config: foreign.encoderConfig, describedBy: url).encoder {
        weights, encoder in
        encoder.drawMaskEmbedding()
        encoder.input.mean = Tensor([foreign.mean])
        encoder.input.deviation = Tensor([foreign.deviation])
        try OMARNames.load(weights, into: &encoder)
      }
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  static func write(_ encoder: MelEncoder, to folder: URL) throws {
    let text = try OMARConfig(encoder).gin
    try encoder.state.checkFinite(beforeWriting: folder)
    let tensors = OMARNames.export(encoder).map {
      (key: $0.name, value: TorchValue.tensor($0.tensor))
    }
    try ModelFolder.replaceModel(in: folder, openedBy: configName) { aside in
      try TorchFile.write(.dictionary(tensors), to: aside.appendingPathComponent(weightsName))
      try AtomicFile.write(Data(text.utf8), to: aside.appendingPathComponent(configName))
    }
  }
}
