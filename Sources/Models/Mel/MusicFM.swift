import Files
import Foundation
import Models
import Tensor

/// A checkpoint of MusicFM: a pickle with the tensors under `state_dict`, and its statistics in a file beside it.
///
/// It has no configuration: sizes are read from the shapes, everything else is as in `MusicFM25Hz`.
package enum MusicFM {
  /// Whether a file is one, rather than a checkpoint of fairseq.
  static func wrote(_ file: TorchFile) -> Bool {
    file.root["state_dict"] != nil && file.root["model"] == nil
  }

  /// The numbers of its encoder, by the shapes of the weights.
  static func config(of url: URL) throws -> MelEncoder.Config {
    try MelFolder.checkedConfig(at: url) { try Sizes(tensors(of: $0)).config }
  }

  static func read(_ url: URL) throws -> MelEncoder {
    let weights = try tensors(of: url)
    let statistics = try statistics(beside: url)
    let config = try Sizes(weights).config
    return try MelWeights(weights, config: config, describedBy: url).encoder { weights, encoder in
      try encoder.begin(as: weights, mean: statistics.mean, deviation: statistics.deviation)
    }
  }

  private static func tensors(of url: URL) throws -> Weights {
    let file = try TorchFile(contentsOf: url)
    guard let dictionary = file.root["state_dict"] else {
      throw ModelError.file(
        url.path, problem: "is no checkpoint of MusicFM: it has no 'state_dict'")
    }
    return try Weights(dictionary, of: file, at: url)
  }

  /// `msd_stats.json` beside `pretrained_msd.pt`.
  package static func statisticsFile(of url: URL) -> URL {
    let name = url.deletingPathExtension().lastPathComponent
    let collection = name.hasPrefix("pretrained_") ? String(name.dropFirst(11)) : name
    return url.deletingLastPathComponent().appendingPathComponent("\(collection)_stats.json")
  }

  private static func statistics(
    beside url: URL
  ) throws -> (mean: Float, deviation: Float) {
    let file = statisticsFile(of: url)
    guard try Presence.kind(of: file.path) != nil else {
      throw ModelError.file(
        url.path,
        problem: "has no statistics of its mel frames; put \(file.lastPathComponent) beside it")
    }
    let stat: [String: Float] = try ForeignJSON.decode(file)
    guard let mean = stat[MuQConfig.meanKey], let deviation = stat[MuQConfig.deviationKey],
      mean.isFinite, deviation.isFinite, deviation > 0
    else {
      throw ModelError.file(
        file.path,
        problem: "has no usable '\(MuQConfig.meanKey)' and '\(MuQConfig.deviationKey)'")
    }
    return (mean, deviation)
  }
}

/// The sizes of a model by the shapes of its tensors.
private struct Sizes {
  let config: MelEncoder.Config

  init(_ weights: Weights) throws {
    func shape(_ name: String, rank: Int) throws -> [Int] {
      let entry = weights.entries[MuQNames.prefix + name]
      guard let shape = entry?.shape, shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
        throw ModelError.file(
          weights.path, problem: "is no checkpoint of MusicFM: it has no '\(name)' of \(rank) axes")
      }
      return shape
    }
    let layer = "conformer.layers.0."
    var config = MelEncoder.Config()
    var frontEnd = ResidualSubsampling.Config()
    frontEnd.channels = try shape("conv.conv.0.conv1.weight", rank: 4)[0]
    config.frontEnd.residual = frontEnd
    config.width = try shape("conv.linear.weight", rank: 2)[0]
    config.feedForwardWidth = try shape(layer + "ffn1.intermediate_dense.weight", rank: 2)[0]
    config.kernel = try shape(layer + "conv_module.depthwise_conv.weight", rank: 3)[2]
    config.heads = max(1, config.width / 2 / (try shape(MuQNames.frequencies, rank: 1)[0]))
    config.layers =
      (0..<AudioEncoder.Config.mostLayers).prefix { number in
        let name = "\(MuQNames.prefix)conformer.layers.\(number).final_layer_norm.weight"
        return weights.entries[name] != nil
      }.count
    self.config = config
  }
}
