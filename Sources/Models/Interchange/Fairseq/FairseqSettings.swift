import Files

/// The settings that fairseq keeps in a checkpoint: `cfg` with `model` and `task`, or `args` of older
/// ones, as dictionaries, namespaces or OmegaConf's.
struct FairseqSettings {
  private let model: PickleView
  private let task: PickleView

  init(_ root: PickleView) throws(ModelError) {
    if let cfg = root["cfg"], cfg.hasKeys {
      guard let model = cfg["model"], let task = cfg["task"] else {
        throw .setting("cfg", problem: "lacks 'model' or 'task'; is it a checkpoint of fairseq?")
      }
      (self.model, self.task) = (model, task)
    } else if let args = root["args"], args.hasKeys {
      (model, task) = (args, args)
    } else {
      throw .tensors("holds neither 'cfg' nor 'args'; is it a checkpoint of fairseq?")
    }
  }

  /// Whether the head regresses a teacher's features instead of telling codes.
  var isData2Vec: Bool { family == "data2vec_audio" }

  /// The description of the label sets.
  func labels(_ root: PickleView) -> FairseqHeads.Labels { FairseqHeads.Labels(root, task: task) }

  private var family: String? { model["_name"]?.text ?? model["arch"]?.text }

  /// The encoder that computes what fairseq's would. What a checkpoint may lack is what fairseq itself
  /// fills in: its dropouts, and settings that came later.
  /// - Throws: `ModelError.setting`.
  func encoderConfig() throws(ModelError) -> AudioEncoder.Config {
    try checkWhatIsTakenForGranted()
    var config = AudioEncoder.Config()
    config.sampleRate = try task.integer("task.sample_rate")
    config.normalizesWaveform = try task.flag("task.normalize")
    config.frontEnd = try frontEnd()
    config.position = try position()
    config.width = try model.integer("model.encoder_embed_dim")
    config.layers = try model.integer("model.encoder_layers")
    config.heads = try model.integer("model.encoder_attention_heads")
    config.feedForwardWidth = try model.integer("model.encoder_ffn_embed_dim")
    config.normOrder = try normOrder()
    if try model.flag("model.do_cnn_feat_stable_layernorm", default: false) {
      config.projectionNorm = .around
    }
    config.inputDropout = try model.number("model.dropout_input", default: 0)
    config.dropout = try model.number("model.dropout", default: 0.1)
    config.attentionDropout = try model.number("model.attention_dropout", default: 0.1)
    config.activationDropout = try model.number("model.activation_dropout", default: 0)
    config.layerDrop = try model.number("model.encoder_layerdrop", default: 0)
    try config.check()
    try config.checkFrameArithmetic()
    return config
  }

  private func normOrder() throws(ModelError) -> AudioEncoder.NormOrder {
    let isPre = try model.flag("model.layer_norm_first")
    guard try model.flag("model.deepnorm", default: false) else { return isPre ? .pre : .post }
    guard !isPre else {
      throw .setting("model.deepnorm", problem: "asks for layer_norm_first false")
    }
    return .deep
  }

  private func frontEnd() throws(ModelError) -> ConvFeatureExtractor.Config {
    var frontEnd = ConvFeatureExtractor.Config()
    let layers = try ConvolutionList(try model.text("model.conv_feature_layers")).layers
    frontEnd.channels = layers.map(\.channels)
    frontEnd.kernels = layers.map(\.kernel)
    frontEnd.strides = layers.map(\.stride)
    frontEnd.norm = try model.text("model.extractor_mode") == "layer_norm" ? .layer : .group
    frontEnd.bias = try model.flag("model.conv_bias", default: false)
    frontEnd.gradientScale = try model.number("model.feature_grad_mult", default: 1)
    return frontEnd
  }

  /// Several convolutions share the taps of one.
  private func position() throws(ModelError) -> AudioEncoder.Position {
    var position = AudioEncoder.Position()
    let taps = try model.integer("model.conv_pos", default: 128)
    position.depth = try model.integer("model.pos_conv_depth", default: 1)
    position.groups = try model.integer("model.conv_pos_groups", default: 16)
    position.kernel = position.depth > 1 ? max(3, taps / position.depth) : taps
    return position
  }

  private func checkWhatIsTakenForGranted() throws(ModelError) {
    let families = ["hubert", "mert", "data2vec_audio"]
    guard let family, families.contains(family) else {
      throw .setting(
        "model._name",
        problem: "\(family ?? "absent") is not built here, only \(families.joined(separator: ", "))"
      )
    }
    try expect("extractor_mode", among: ["default", "layer_norm"])
    for (name, value) in [("activation_fn", "gelu"), ("layer_type", "transformer")]
    where model[name] != nil {
      try expect(name, among: [value])
    }
    for name in Self.unsupported where try model.flag("model.\(name)", default: false) {
      throw .setting("model.\(name)", problem: "true is not built here, only false")
    }
  }

  /// Options that change what is computed. Two of MERT's do not and are passed by: `attention_relax`,
  /// which shifts scores that the softmax shifts anyway, and `subln`, which MERT never hands to its layers.
  private static let unsupported = [
    "conv_pos_batch_norm", "feature_extractor_cqt", "wav_normalize",
  ]

  private func expect(_ name: String, among values: [String]) throws(ModelError) {
    let value = try model.text("model.\(name)")
    guard values.contains(value) else {
      throw .setting(
        "model.\(name)",
        problem: "\(value) is not built here, only \(values.joined(separator: ", "))")
    }
  }
}

extension PickleView {
  /// A setting by its path, of which the last part is its name here.
  private func setting<Value>(
    _ path: String, _ kind: String, default preset: Value?, _ read: KeyPath<PickleView, Value?>
  ) throws(ModelError) -> Value {
    let name = String(path.split(separator: ".").last!)
    guard let setting = self[name], !setting.isNone else {
      if let preset { return preset }
      throw .setting(path, problem: "is missing from the checkpoint's settings")
    }
    guard let value = setting[keyPath: read] else {
      throw .setting(path, problem: "is not \(kind)")
    }
    return value
  }

  fileprivate func integer(_ path: String, default preset: Int? = nil) throws(ModelError) -> Int {
    try setting(path, "a whole number", default: preset, \.integer)
  }

  fileprivate func flag(_ path: String, default preset: Bool? = nil) throws(ModelError) -> Bool {
    try setting(path, "True or False", default: preset, \.flag)
  }

  fileprivate func text(_ path: String) throws(ModelError) -> String {
    try setting(path, "text", default: nil, \.text)
  }

  fileprivate func number(_ path: String, default preset: Float) throws(ModelError) -> Float {
    try setting(path, "a number", default: preset, \.number)
  }
}

/// The convolutions as fairseq writes them, in Python: `[(512,10,5)] + [(512,3,2)] * 4`, channels,
/// kernel and stride of each. It is read, not run.
struct ConvolutionList {
  private(set) var layers: [(channels: Int, kernel: Int, stride: Int)] = []

  /// No front end has more.
  private static let maximumCount = 64

  init(_ text: String) throws(ModelError) {
    for term in text.filter({ !$0.isWhitespace }).split(
      separator: "+", omittingEmptySubsequences: false)
    {
      let (list, count) = try Self.factors(term, of: text)
      let tuples = try list.split(separator: "),(").map { tuple throws(ModelError) in
        try Self.layer(tuple, of: text)
      }
      guard (1...Self.maximumCount).contains(count),
        layers.count + tuples.count * count <= Self.maximumCount
      else { throw Self.unreadable(text) }
      for _ in 0..<count { layers += tuples }
    }
  }

  /// `[(512,3,2)]*4` as `512,3,2` and 4.
  private static func factors(
    _ term: Substring, of text: String
  ) throws(ModelError) -> (list: Substring, count: Int) {
    let factors = term.split(separator: "*", omittingEmptySubsequences: false)
    guard (1...2).contains(factors.count), let count = factors.count == 1 ? 1 : Int(factors[1]),
      factors[0].hasPrefix("[("), factors[0].hasSuffix(")]"), factors[0].count > 4
    else { throw unreadable(text) }
    return (factors[0].dropFirst(2).dropLast(2), count)
  }

  private static func layer(
    _ tuple: Substring, of text: String
  ) throws(ModelError) -> (channels: Int, kernel: Int, stride: Int) {
    let numbers = tuple.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let channels = numbers[0], let kernel = numbers[1],
      let stride = numbers[2]
    else { throw unreadable(text) }
    return (channels, kernel, stride)
  }

  private static func unreadable(_ text: String) -> ModelError {
    .setting(
      "model.conv_feature_layers",
      problem: "'\(text.prefix(80).filter { !$0.isNewline })' is not a list like "
        + "[(512,10,5)] + [(512,3,2)] * 4")
  }
}
