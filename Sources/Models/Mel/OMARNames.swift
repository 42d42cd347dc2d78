import Files
import Foundation
import Models
import Tensor

/// The names and layouts of OMAR-RQ, and ours. Nothing else knows them.
///
/// | | there | here |
/// |---|---|---|
/// | queries, keys and values | one map, `[3 D, D]` | three |
/// | the projection's columns | band, frame | frame, band |
/// | maps of frames by convolutions of one tap | `[O, I, 1]` | `[O, I]` |
/// | depthwise convolutions | `[C, 1, K]` | `[C, K, 1]` |
/// | radians a frame of each pair | stored with each layer | computed |
enum OMARNames {
  private static let table = NameTable([
    ("projection", "embedding_layer"),
    ("conformer.layers.{i}.firstNorm", "net.layers.{i}.ff1.module.0"),
    ("conformer.layers.{i}.first.inner", "net.layers.{i}.ff1.module.1"),
    ("conformer.layers.{i}.first.output", "net.layers.{i}.ff1.module.4"),
    ("conformer.layers.{i}.attention.query", "net.layers.{i}.attention.qkv.query"),
    ("conformer.layers.{i}.attention.key", "net.layers.{i}.attention.qkv.key"),
    ("conformer.layers.{i}.attention.value", "net.layers.{i}.attention.qkv.value"),
    ("conformer.layers.{i}.attention.output", "net.layers.{i}.attention.proj"),
    ("conformer.layers.{i}.attentionNorm", "net.layers.{i}.norm1.layer_norm"),
    ("conformer.layers.{i}.convolutionNorm", "net.layers.{i}.conv_block.layer_norm"),
    ("conformer.layers.{i}.convolution.expansion", "net.layers.{i}.conv_block.module.0"),
    ("conformer.layers.{i}.convolution.depthwise", "net.layers.{i}.conv_block.module.2"),
    ("conformer.layers.{i}.convolution.norm", "net.layers.{i}.conv_block.module.3"),
    ("conformer.layers.{i}.convolution.output", "net.layers.{i}.conv_block.module.5"),
    ("conformer.layers.{i}.lastNorm", "net.layers.{i}.ff2.module.0"),
    ("conformer.layers.{i}.last.inner", "net.layers.{i}.ff2.module.1"),
    ("conformer.layers.{i}.last.output", "net.layers.{i}.ff2.module.4"),
    ("conformer.layers.{i}.norm", "net.layers.{i}.norm2"),
  ])

  private static func foreignName(of path: String) -> String? {
    table.foreignName(of: path).map(\.withTorchBuffers)
  }

  private static func attention(_ layer: Int, _ part: String) -> String {
    "net.layers.\(layer).attention.\(part)"
  }
  private static func frequencies(_ layer: Int) -> String { attention(layer, "rotary_emb.freqs") }
  private static func joined(_ layer: Int) -> String { attention(layer, "qkv.weight") }
  private static func parts(_ layer: Int) -> [String] {
    ["query", "key", "value"].map { attention(layer, "qkv.\($0).weight") }
  }

  /// What of the encoder its files hold.
  static func export(_ encoder: MelEncoder) -> [(name: String, tensor: Tensor)] {
    var tensors = encoder.exported(by: foreignName)
    let config = encoder.config
    let turns = Tensor(config.rotary.frequencies(depth: config.width / config.heads))
    for layer in 0..<config.layers {
      let names = parts(layer)
      let maps = tensors.filter { names.contains($0.name) }.map(\.tensor)
      tensors.removeAll { names.contains($0.name) }
      tensors.append((joined(layer), .concatenated(maps, axis: 0)))
      tensors.append((frequencies(layer), turns))
    }
    return tensors
  }

  /// Fills an encoder with the tensors of a file. The mask embedding and the statistics of its input, which it does not
  /// hold, stay as they are.
  /// - Throws: `ModelError.tensors` if a tensor is missing, unknown or misshapen, or positions are turned otherwise.
  static func load(_ weights: Weights, into encoder: inout MelEncoder) throws {
    var rest = weights
    for layer in 0..<encoder.config.layers {
      try rest.divide(joined(layer), into: parts(layer))
      let name = frequencies(layer)
      try encoder.config.checkFrequencies(try rest.remove(name), named: name)
    }
    try encoder.load(rest, by: foreignName, leavingOut: isUnread)
  }

  /// The count of batches, and what pre-training alone needs.
  private static func isUnread(_ name: String) -> Bool {
    name.hasSuffix(".num_batches_tracked")
      || !["net.", "embedding_layer."].contains { name.hasPrefix($0) }
  }
}
