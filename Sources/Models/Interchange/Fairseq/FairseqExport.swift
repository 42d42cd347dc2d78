import Files
import Foundation
import Tensor

/// Writes an encoder and its heads as a checkpoint of fairseq: `cfg`, `model`, and the empty histories that
/// fairseq's loader asks for.
///
/// Source: fairseq `checkpoint_utils.py`, `HubertConfig`, `Data2VecAudioConfig`; MERT's `MERTConfig`.
struct FairseqExport {
  private let config: AudioEncoder.Config
  private let heads: PretrainingHeads

  /// - Throws: `ModelError.setting` or `.tensors` if fairseq has no place for something, `.file` if a number is
  ///   NaN or infinite.
  static func write(_ encoder: AudioEncoder, heads: PretrainingHeads, to url: URL) throws {
    let export = FairseqExport(config: encoder.config, heads: heads)
    try export.checkPlace()
    try encoder.state.checkFinite(beforeWriting: url)
    try heads.tensors.map { (path: $0.key, tensor: $0.value) }.checkFinite(beforeWriting: url)
    try TorchFile.write(try export.checkpoint(of: encoder), to: url)
  }

  /// fairseq's name of the model.
  private var family: String {
    if heads.tensors["regression.projection.weight"] != nil { return "data2vec_audio" }
    if hasMERTsNorms || heads.tensors["spectrum.projection.weight"] != nil { return "mert" }
    return config.position.depth > 1 && heads.isEmpty ? "data2vec_audio" : "hubert"
  }

  private var hasMERTsNorms: Bool {
    config.normOrder == .deep || config.projectionNorm == .around
  }

  private func checkPlace() throws {
    try heads.check()
    try config.checkPublished()
    guard config.width != config.frontEnd.channels.last else {
      throw ModelError.setting(
        "encoder.width",
        problem: "equals the front end's channels, and fairseq has no projection then")
    }
    let symbols = FairseqHeads.Labels.symbolCount
    guard [0, symbols].contains(heads.specialSymbols) else {
      throw ModelError.tensors(
        "the heads have \(heads.specialSymbols) special symbols, fairseq has \(symbols)")
    }
    guard config.position.depth == 1 || config.position.kernel >= 3 else {
      throw ModelError.setting(
        "encoder.position.kernel", problem: "fairseq's several convolutions have 3 taps or more")
    }
    guard family != "data2vec_audio" || heads.tensors.keys.allSatisfy(Self.isRegression) else {
      throw ModelError.tensors("fairseq has no model with a head for regression and others")
    }
    guard !heads.hasDecoder else {
      throw ModelError.tensors(
        "fairseq's data2vec has no decoder before its head; leave the heads out, --without-heads")
    }
    if let head = heads.tensors.keys.sorted().first(where: { !Self.hasName($0) }) {
      throw ModelError.tensors(
        "fairseq has no name for the head '\(head)'; leave the heads out, --without-heads")
    }
    guard family != "data2vec_audio" || !hasMERTsNorms else {
      throw ModelError.tensors("fairseq's data2vec has neither deepnorm nor stable feature norms")
    }
  }

  private static func isRegression(_ name: String) -> Bool { name.hasPrefix("regression.") }

  /// Whether a tensor of a head is written.
  private static func hasName(_ head: String) -> Bool {
    head.hasPrefix("codes.embeddings.")
      || names.contains { head == "\($0.path).weight" || head == "\($0.path).bias" }
  }

  private func checkpoint(of encoder: AudioEncoder) throws -> TorchValue {
    let model = StateDict.export(encoder.state).map { name, tensor in
      (
        key: FairseqNames.name(of: name, norm: config.frontEnd.norm),
        value: TorchValue.tensor(tensor)
      )
    }
    return .dictionary([
      ("args", .none),
      ("cfg", .dictionary([("model", .dictionary(modelSettings)), ("task", .dictionary(task))])),
      ("model", .dictionary(model + headTensors)),
      ("optimizer_history", .list([.dictionary(history)])),
      ("extra_state", .dictionary([("train_iterator", .dictionary(iterator))])),
      ("last_optimizer_state", .none),
      ("task_state", .dictionary([])),
      ("etude", .dictionary([("label_rows", .list(embeddings.map { .integer($0.shape[0]) }))])),
    ])
  }

  private typealias Items = [(key: String, value: TorchValue)]

  private var history: Items {
    [
      ("criterion_name", .text("")), ("optimizer_name", .text("")), ("num_updates", .integer(0)),
      ("lr_scheduler_state", .dictionary([])),
    ]
  }

  private var iterator: Items { [("epoch", .integer(1)), ("iterations_in_epoch", .integer(0))] }
}

// MARK: - Settings

extension FairseqExport {
  private var task: Items {
    let names = ["hubert": "hubert_pretraining", "mert": "mert_pretraining"]
    var task: Items = [
      ("_name", .text(names[family] ?? "audio_pretraining")),
      ("sample_rate", .integer(config.sampleRate)), ("normalize", .flag(config.normalizesWaveform)),
    ]
    if family != "data2vec_audio" {
      task.append(("label_rate", .number(config.frameRate)))
      task.append(("labels", .list(embeddings.indices.map { .text("set\($0)") })))
    }
    return task
  }

  private var modelSettings: Items {
    var settings = architecture + dropouts
    if let width = embeddings.first?.shape[1] {
      let channels = heads.tensors["codes.projection.bias"]?.elementCount ?? 0
      settings.append(("final_dim", .integer(width)))
      settings.append(("untie_final_proj", .flag(channels > width)))
    }
    if let map = heads.tensors["spectrum.projection.weight"] {
      settings.append(("audio_cqt_loss_m", .flag(true)))
      settings.append(("audio_cqt_bins", .integer(map.shape[0])))
    }
    if family == "mert" {
      settings.append(("deepnorm", .flag(config.normOrder == .deep)))
      settings.append(("do_cnn_feat_stable_layernorm", .flag(config.projectionNorm == .around)))
    }
    return settings
  }

  private var architecture: Items {
    let (frontEnd, position) = (config.frontEnd, config.position)
    let layers = frontEnd.channels.indices.map {
      "(\(frontEnd.channels[$0]), \(frontEnd.kernels[$0]), \(frontEnd.strides[$0]))"
    }
    return [
      ("_name", .text(family)),
      ("extractor_mode", .text(frontEnd.norm == .layer ? "layer_norm" : "default")),
      ("conv_feature_layers", .text("[\(layers.joined(separator: ", "))]")),
      ("conv_bias", .flag(frontEnd.bias)),
      ("feature_grad_mult", .number(frontEnd.gradientScale)),
      ("encoder_layers", .integer(config.layers)), ("encoder_embed_dim", .integer(config.width)),
      ("encoder_ffn_embed_dim", .integer(config.feedForwardWidth)),
      ("encoder_attention_heads", .integer(config.heads)),
      ("layer_norm_first", .flag(config.normOrder == .pre)), ("activation_fn", .text("gelu")),
      ("conv_pos", .integer(position.kernel * position.depth)),
      ("pos_conv_depth", .integer(position.depth)), ("conv_pos_groups", .integer(position.groups)),
    ]
  }

  private var dropouts: Items {
    [
      ("dropout_input", .number(config.inputDropout)), ("dropout", .number(config.dropout)),
      ("attention_dropout", .number(config.attentionDropout)),
      ("activation_dropout", .number(config.activationDropout)),
      ("encoder_layerdrop", .number(config.layerDrop)),
    ]
  }
}

// MARK: - Heads

extension FairseqExport {
  /// The embeddings with fairseq's four symbols; rows that a model has not are 0, and never a target.
  private var embeddings: [Tensor] {
    let missing = FairseqHeads.Labels.symbolCount - heads.specialSymbols
    return heads.embeddings.map { rows in
      missing == 0
        ? rows.detached()
        : .concatenated([.zeros([missing, rows.shape[1]]), rows.detached()], axis: 0)
    }
  }

  /// The linear maps of heads, and fairseq's names of them.
  private static let names = [
    (path: "codes.projection", name: "final_proj"),
    (path: "regression.projection", name: "final_proj"),
    (path: "spectrum.projection", name: "encoder_cqt_model.fc"),
  ]

  private var headTensors: Items {
    var items: Items = []
    for (path, name) in Self.names {
      for part in ["weight", "bias"] {
        guard let tensor = heads.tensors["\(path).\(part)"] else { continue }
        items.append(("\(name).\(part)", .tensor(tensor.detached())))
      }
    }
    if !embeddings.isEmpty {
      items.append(("label_embs_concat", .tensor(.concatenated(embeddings, axis: 0))))
    }
    return items
  }
}
