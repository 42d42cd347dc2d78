import Audio
import Foundation
import Models
import Tensor

/// The names of MERT-v2, and ours. Nothing else knows them.
enum MERT2Names {
  private static let table = NameTable([
    ("input.mean", "feature_extractor.mel_mean"),
    ("input.deviation", "feature_extractor.mel_std"),
    ("frontEnd.stages.{i}.norm", "subsampling_module.{i}.resampling_layer.0"),
    ("frontEnd.stages.{i}.convolution", "subsampling_module.{i}.resampling_layer.2"),
    layer("depthwise", "depthwise_block.1"), layer("norm", "pointwise_block.0"),
    layer("inner", "pointwise_block.1"), layer("response", "pointwise_block.3"),
    layer("output", "pointwise_block.4"),
    ("conformer.layers.{i}.firstNorm", "layers.{i}.ffn1_layer_norm"),
    ("conformer.layers.{i}.first.inner", "layers.{i}.ffn1.w_1"),
    ("conformer.layers.{i}.first.output", "layers.{i}.ffn1.w_2"),
    ("conformer.layers.{i}.attentionNorm", "layers.{i}.attn_layer_norm"),
    ("conformer.layers.{i}.attention.query", "layers.{i}.attn.query_proj"),
    ("conformer.layers.{i}.attention.key", "layers.{i}.attn.key_proj"),
    ("conformer.layers.{i}.attention.value", "layers.{i}.attn.value_proj"),
    ("conformer.layers.{i}.attention.output", "layers.{i}.attn.out_proj"),
    ("conformer.layers.{i}.convolutionNorm", "layers.{i}.conv_module.layer_norm"),
    ("conformer.layers.{i}.convolution.expansion", "layers.{i}.conv_module.conv_block.1"),
    ("conformer.layers.{i}.convolution.depthwise", "layers.{i}.conv_module.conv_block.3"),
    ("conformer.layers.{i}.convolution.norm", "layers.{i}.conv_module.conv_block.4.1"),
    ("conformer.layers.{i}.convolution.output", "layers.{i}.conv_module.conv_block.6"),
    ("conformer.layers.{i}.lastNorm", "layers.{i}.ffn2_layer_norm"),
    ("conformer.layers.{i}.last.inner", "layers.{i}.ffn2.w_1"),
    ("conformer.layers.{i}.last.output", "layers.{i}.ffn2.w_2"),
    ("conformer.layers.{i}.norm", "layers.{i}.final_layer_norm"),
  ])

  /// A part of a ConvNeXt layer.
  private static func layer(_ ours: String, _ theirs: String) -> (ours: String, theirs: String) {
    (
      ours: "frontEnd.stages.{i}.layers.{j}.\(ours)",
      theirs: "subsampling_module.{i}.convnext_layers.{j}.\(theirs)"
    )
  }

  private static let transform = StoredTransform(below: "feature_extractor.")

  /// What of the encoder its files hold, and the window and bands of its mel frames.
  static func export(_ encoder: MelEncoder) -> [(name: String, tensor: Tensor)] {
    encoder.exported(by: table.foreignName) + transform.tensors(of: encoder)
  }

  /// Fills an encoder with the tensors of a file. The mask embedding, which it does not hold, stays as it is.
  /// - Throws: `ModelError.tensors` if a tensor is missing, unknown or misshapen, or the mel frames are others.
  static func load(_ weights: Weights, into encoder: inout MelEncoder) throws {
    var rest = weights
    try transform.remove(from: &rest, of: encoder)
    try encoder.load(rest, by: table.foreignName, leavingOut: { _ in false })
    encoder.input.deviation = .maximum(encoder.input.deviation, leastDeviation)
  }

  /// What its code divides by at least.
  private static let leastDeviation: Float = 1e-5
}
