import Files
import Models
import Tensor

/// The names and layouts of MusicFM and MuQ, and ours. Nothing else knows them.
///
/// | | there | here |
/// |---|---|---|
/// | convolutions over a plane | `[O, I, F, T]` | `[O, T, F, I]` |
/// | the projection's columns | channel, band | band, channel |
/// | maps of frames by convolutions of one tap | `[O, I, 1]` | `[O, I]` |
/// | depthwise convolutions | `[C, 1, K]` | `[C, K, 1]` |
enum MuQNames {
  private static let table = NameTable([
    ("frontEnd.blocks.{i}.first", "conv.conv.{i}.conv1"),
    ("frontEnd.blocks.{i}.firstNorm", "conv.conv.{i}.bn1"),
    ("frontEnd.blocks.{i}.second", "conv.conv.{i}.conv2"),
    ("frontEnd.blocks.{i}.secondNorm", "conv.conv.{i}.bn2"),
    ("frontEnd.blocks.{i}.skip", "conv.conv.{i}.conv3"),
    ("frontEnd.blocks.{i}.skipNorm", "conv.conv.{i}.bn3"),
    ("projection", "conv.linear"),
    ("conformer.norm", "conformer.layer_norm"),
    ("conformer.layers.{i}.firstNorm", "conformer.layers.{i}.ffn1_layer_norm"),
    ("conformer.layers.{i}.first.inner", "conformer.layers.{i}.ffn1.intermediate_dense"),
    ("conformer.layers.{i}.first.output", "conformer.layers.{i}.ffn1.output_dense"),
    ("conformer.layers.{i}.attentionNorm", "conformer.layers.{i}.self_attn_layer_norm"),
    ("conformer.layers.{i}.attention.query", "conformer.layers.{i}.self_attn.linear_q"),
    ("conformer.layers.{i}.attention.key", "conformer.layers.{i}.self_attn.linear_k"),
    ("conformer.layers.{i}.attention.value", "conformer.layers.{i}.self_attn.linear_v"),
    ("conformer.layers.{i}.attention.output", "conformer.layers.{i}.self_attn.linear_out"),
    ("conformer.layers.{i}.convolutionNorm", "conformer.layers.{i}.conv_module.layer_norm"),
    (
      "conformer.layers.{i}.convolution.expansion",
      "conformer.layers.{i}.conv_module.pointwise_conv1"
    ),
    (
      "conformer.layers.{i}.convolution.depthwise",
      "conformer.layers.{i}.conv_module.depthwise_conv"
    ),
    ("conformer.layers.{i}.convolution.norm", "conformer.layers.{i}.conv_module.batch_norm"),
    (
      "conformer.layers.{i}.convolution.output",
      "conformer.layers.{i}.conv_module.pointwise_conv2"
    ),
    ("conformer.layers.{i}.lastNorm", "conformer.layers.{i}.ffn2_layer_norm"),
    ("conformer.layers.{i}.last.inner", "conformer.layers.{i}.ffn2.intermediate_dense"),
    ("conformer.layers.{i}.last.output", "conformer.layers.{i}.ffn2.output_dense"),
    ("conformer.layers.{i}.norm", "conformer.layers.{i}.final_layer_norm"),
  ])

  /// All tensors stand under the wrapper's `model`.
  static let prefix = "model."
  static let frequencies = "conformer.embed_positions.inv_freq"
  /// The window and bands of the mel frames.
  static let transform = StoredTransform(below: "preprocessor_melspec_2048.mel_stft.")

  /// What hidden states do not depend on: the positional convolution and the class token, which no pass reads; the
  /// heads and quantisers of pre-training, and what its other features are computed with.
  private static let unread = [
    "cls_token", "conformer.pos_conv_embed.", "linear.", "recon_proj.", "rvq.", "quantizer_",
    "preprocessor_",
  ]

  /// Their name of one of our tensors, without the prefix; nil for what their files have not.
  static func foreignName(of path: String) -> String? {
    table.foreignName(of: path).map(\.withTorchBuffers)
  }

  /// What of the encoder their files hold, as they name it and lay it out.
  static func export(_ encoder: MelEncoder) -> [(name: String, tensor: Tensor)] {
    encoder.exported(by: foreignName).map { (name: prefix + $0.name, tensor: $0.tensor) }
  }

  /// Fills an encoder with the tensors of a file. The mask embedding and the statistics of the mel frames, which
  /// it does not hold, stay as they are.
  /// - Throws: `ModelError.tensors` if a tensor is missing, unknown or misshapen, positions are turned otherwise, or
  ///   the mel frames are others.
  static func load(_ weights: Weights, into encoder: inout MelEncoder) throws {
    var rest = try weights.renamed {
      $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0
    }
    try encoder.config.checkFrequencies(try rest.remove(frequencies), named: frequencies)
    try transform.remove(from: &rest, of: encoder)
    try encoder.load(rest, by: foreignName, leavingOut: isUnread)
  }

  private static func isUnread(_ name: String) -> Bool {
    name.hasSuffix(".num_batches_tracked") || unread.contains { name.hasPrefix($0) }
  }
}
