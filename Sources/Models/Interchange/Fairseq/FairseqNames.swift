import Tensor

/// Names of a fairseq checkpoint's tensors and what `transformers` calls them.
///
/// Source: fairseq `HubertModel` and `Data2VecAudioModel`, MERT's `convert_MERT_HF.py`.
enum FairseqNames {
  /// Their names and those of `transformers`, part by part; `{i}` stands for a number.
  private static let fixed: [(fairseq: [Substring], theirs: String)] = [
    ("feature_extractor.conv_layers.{i}.0", "feature_extractor.conv_layers.{i}.conv"),
    ("feature_extractor.conv_layers.{i}.2", "feature_extractor.conv_layers.{i}.layer_norm"),
    ("feature_extractor.conv_layers.{i}.2.1", "feature_extractor.conv_layers.{i}.layer_norm"),
    ("layer_norm", "feature_projection.layer_norm"),
    ("post_extract_proj", "feature_projection.projection"),
    ("mask_emb", "masked_spec_embed"),
    ("encoder.pos_conv.0", "encoder.pos_conv_embed.conv"),
    ("encoder.pos_conv.{i}.0", "encoder.pos_conv_embed.layers.{i}.conv"),
    ("encoder.layer_norm", "encoder.layer_norm"),
    ("encoder.layers.{i}.self_attn", "encoder.layers.{i}.attention"),
    ("encoder.layers.{i}.self_attn_layer_norm", "encoder.layers.{i}.layer_norm"),
    ("encoder.layers.{i}.final_layer_norm", "encoder.layers.{i}.final_layer_norm"),
  ].map { (fairseq: $0.split(separator: "."), theirs: $1) }

  private static let renamings = fixed + feedForwards

  /// The maps of the feed-forward blocks.
  private static var feedForwards: [(fairseq: [Substring], theirs: String)] {
    FeedForwardKind.allCases.flatMap(\.publishedNames).map { name in
      (
        fairseq: "encoder.layers.{i}.\(name.fairseq)".split(separator: "."),
        theirs: "encoder.layers.{i}.feed_forward.\(name.transformers)"
      )
    }
  }

  /// What a tensor is called in `transformers`; a name that is none of an encoder's stays.
  static func foreignName(of name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let matching = renamings.filter { parts.matches($0.fairseq) }
    guard let best = matching.max(by: { $0.fairseq.count < $1.fairseq.count }) else { return name }
    let number = zip(best.fairseq, parts).first { $0.0 == "{i}" }.map { String($0.1) }
    let stem = best.theirs.replacing("{i}", with: number ?? "")
    return ([stem] + parts.dropFirst(best.fairseq.count).map(String.init)).joined(separator: ".")
  }

  /// fairseq's name of a tensor that `transformers` calls so.
  ///
  /// - Parameter norm: The front end's, which decides where its norms stand.
  /// - Traps when: the name is not one of an encoder.
  static func name(of theirs: String, norm: ConvFeatureExtractor.Config.Norm) -> String {
    let parts = theirs.split(separator: ".", omittingEmptySubsequences: false)
    let unused = "feature_extractor.conv_layers.{i}.2" + (norm == .layer ? "" : ".1")
    let matching = renamings.map {
      (fairseq: $0.fairseq.joined(separator: "."), theirs: $0.theirs.split(separator: "."))
    }.filter { $0.fairseq != unused && parts.matches($0.theirs) }
    guard let best = matching.max(by: { $0.theirs.count < $1.theirs.count }) else {
      preconditionFailure("FairseqNames: no name for '\(theirs)'")
    }
    let number = zip(best.theirs, parts).first { $0.0 == "{i}" }.map { String($0.1) }
    let stem = best.fairseq.replacing("{i}", with: number ?? "")
    return ([stem] + parts.dropFirst(best.theirs.count).map(String.init)).joined(separator: ".")
  }

  /// Whether a tensor belongs to pre-training alone: predictions, their targets, data2vec's teacher.
  static func isHead(_ name: String) -> Bool {
    heads.contains { name == $0 || name.hasPrefix($0 + ".") }
  }

  private static let heads = [
    "final_proj", "final_projs", "label_embs_concat", "target_glu", "logit_temp_list",
    "encoder_cqt_model", "encoder_mel_model", "_ema",
  ]
}

extension [Substring] {
  /// Whether these parts of a name begin with those of a pattern.
  fileprivate func matches(_ pattern: [Substring]) -> Bool {
    count >= pattern.count
      && zip(self, pattern).allSatisfy { part, expected in
        expected == "{i}" ? !part.isEmpty && part.allSatisfy(\.isNumber) : part == expected
      }
  }
}
