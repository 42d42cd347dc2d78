import Files
import Foundation
import Models
import Tensor

/// `config.json` of MuQ. Keys are the properties in snake case.
struct MuQConfig: Codable {
  var labelRate = 25
  var hopLength = 240
  var nMels = 128
  var convDim = 512
  var encoderDim = 1024
  var encoderDepth = 12
  var features = ["melspec_2048"]
  var isFlash = false
  /// Means and deviations by the name of a feature.
  var stat: [String: Float]
  var w2v2Config: Layers

  /// Of it, what `Wav2Vec2ConformerEncoder` reads.
  struct Layers: Codable {
    var hiddenAct = "swish"
    var numAttentionHeads: Int
    var intermediateSize: Int
    var convDepthwiseKernelSize: Int
    var positionEmbeddingsType = "rotary"
    var rotaryEmbeddingBase: Double
    var layerNormEps = 1e-5
    var hiddenDropout: Float
    var attentionDropout: Float
    var activationDropout: Float
    var conformerConvDropout: Float
    var layerdrop: Float = 0
    // Of the positional convolution, which no pass reads.
    var numConvPosEmbeddings: Int? = 128
    var numConvPosEmbeddingGroups: Int? = 16
    var featExtractActivation: String? = "gelu"
  }

  static let meanKey = "melspec_2048_mean"
  static let deviationKey = "melspec_2048_std"
  /// Strides over time by the rate of the labels.
  private static let strides = [25: [2, 2], 50: [2, 1]]
}

extension MuQConfig {
  /// Reads `config.json`; what it leaves out is as `MuQConfig` has it there.
  static func read(_ url: URL) throws -> MuQConfig {
    let given: Given = try ForeignJSON.decode(url)
    var config = MuQConfig(stat: given.stat, w2v2Config: given.w2v2Config)
    config.labelRate = given.labelRate ?? config.labelRate
    config.hopLength = given.hopLength ?? config.hopLength
    config.nMels = given.nMels ?? config.nMels
    config.convDim = given.convDim ?? config.convDim
    config.encoderDim = given.encoderDim ?? config.encoderDim
    config.encoderDepth = given.encoderDepth ?? config.encoderDepth
    config.features = given.features ?? config.features
    config.isFlash = given.isFlash ?? config.isFlash
    return config
  }

  private struct Given: Decodable {
    var labelRate, hopLength, nMels, convDim, encoderDim, encoderDepth: Int?
    var features: [String]?
    var isFlash: Bool?
    var stat: [String: Float]
    var w2v2Config: Layers
  }

  /// The encoder that computes what this file describes.
  /// - Throws: `ModelError.setting` for what is not built here.
  func encoderConfig() throws(ModelError) -> MelEncoder.Config {
    try checkWhatIsTakenForGranted()
    var config = MelEncoder.Config()
    config.input.hopLength = hopLength
    var frontEnd = ResidualSubsampling.Config()
    (frontEnd.channels, frontEnd.timeStrides) = (convDim, Self.strides[labelRate]!)
    config.frontEnd.residual = frontEnd
    (config.width, config.layers) = (encoderDim, encoderDepth)
    (config.heads, config.feedForwardWidth) = (
      w2v2Config.numAttentionHeads, w2v2Config.intermediateSize
    )
    config.kernel = w2v2Config.convDepthwiseKernelSize
    config.rotary.base = w2v2Config.rotaryEmbeddingBase
    config.dropout = w2v2Config.hiddenDropout
    config.attentionDropout = w2v2Config.attentionDropout
    config.activationDropout = w2v2Config.activationDropout
    return config
  }

  /// Mean and deviation of the mel frames.
  /// - Throws: `ModelError.setting` if one is missing or no number to divide by.
  func statistics() throws(ModelError) -> (mean: Float, deviation: Float) {
    guard let mean = stat[Self.meanKey], let deviation = stat[Self.deviationKey] else {
      throw .setting("stat", problem: "has no '\(Self.meanKey)' and '\(Self.deviationKey)'")
    }
    guard mean.isFinite, deviation.isFinite, deviation > 0 else {
      throw .setting("stat", problem: "mean \(mean) and deviation \(deviation) are not usable")
    }
    return (mean, deviation)
  }

  private func checkWhatIsTakenForGranted() throws(ModelError) {
    let layers = w2v2Config
    try expect(Self.strides[labelRate] != nil, "label_rate", labelRate, "25 or 50")
    try expect(nMels == 128, "n_mels", nMels, "128, which is what MuQ computes for any number")
    try expect(
      features == ["melspec_2048"], "features", features.joined(separator: ", "), "melspec_2048")
    try expect(!isFlash, "is_flash", true, "false")
    try expect(
      ["swish", "silu"].contains(layers.hiddenAct), "hidden_act", layers.hiddenAct, "swish")
    try expect(
      layers.positionEmbeddingsType == "rotary", "position_embeddings_type",
      layers.positionEmbeddingsType, "rotary")
    try expect(layers.layerNormEps == 1e-5, "layer_norm_eps", layers.layerNormEps, "1e-5")
    try expect(layers.layerdrop == 0, "layerdrop", layers.layerdrop, "0")
    for (name, value) in [
      ("conformer_conv_dropout", layers.conformerConvDropout),
      ("attention_dropout", layers.attentionDropout),
    ] {
      try expect(
        value == layers.hiddenDropout, name, value,
        "that of hidden_dropout, \(layers.hiddenDropout)")
    }
  }

  private func expect<Value>(
    _ holds: Bool, _ name: String, _ value: Value, _ allowed: String
  ) throws(ModelError) {
    if !holds { throw .setting(name, problem: "\(value) is not built here, only \(allowed)") }
  }
}

extension MuQConfig {
  /// - Parameters:
  ///   - encoder: What it describes.
  ///   - model: Whose form it is, for errors: MusicFM has the same.
  /// - Throws: `ModelError.setting` if MuQ does not compute the same.
  init(_ encoder: MelEncoder, as model: String = "MuQ") throws(ModelError) {
    let config = encoder.config
    let frontEnd = try Self.checkedFrontEnd(of: config, as: model)
    stat = [
      Self.meanKey: encoder.input.mean.scalars[0],
      Self.deviationKey: encoder.input.deviation.scalars[0],
    ]
    w2v2Config = Layers(
      numAttentionHeads: config.heads, intermediateSize: config.feedForwardWidth,
      convDepthwiseKernelSize: config.kernel, rotaryEmbeddingBase: config.rotary.base,
      hiddenDropout: config.dropout, attentionDropout: config.attentionDropout,
      activationDropout: config.activationDropout, conformerConvDropout: config.dropout,
      numConvPosEmbeddingGroups: [16, 8, 4, 2].first { config.width % $0 == 0 } ?? 1)
    labelRate = Self.strides.first { $0.value == frontEnd.timeStrides }!.key
    hopLength = config.input.hopLength
    convDim = frontEnd.channels
    (encoderDim, encoderDepth) = (config.width, config.layers)
  }

  /// The front end of an encoder of which MuQ has everything.
  private static func checkedFrontEnd(
    of config: MelEncoder.Config, as model: String
  ) throws(ModelError) -> ResidualSubsampling.Config {
    func expect(_ holds: Bool, _ name: String, _ allowed: String) throws(ModelError) {
      if !holds { throw .setting("encoder.\(name)", problem: "\(model) has \(allowed) alone") }
    }
    let published = MelEncoder.Config()
    try expect(config.sampleRate == published.sampleRate, "sampleRate", "24000 Hz")
    try expect(
      config.input.constantQ == nil && config.input.chosenMel == SpectrumInput.MelBands()
        && !config.input.takesSamples && !config.input.keepsLastFrame, "input",
      "128 mel bands of 2048 samples in decibels, without the last frame,")
    try expect(
      config.input.statistics == .global, "input.statistics", "one mean and one deviation")
    guard let frontEnd = config.frontEnd.chosen as? ResidualSubsampling.Config else {
      throw .setting("encoder.frontEnd", problem: "\(model) has residual convolutions alone")
    }
    try expect(
      strides.values.contains(frontEnd.timeStrides), "frontEnd.residual.timeStrides",
      "strides of 2 and 2, or 2 and 1")
    try expect(
      config.activation == .silu && config.normEpsilon == 1e-5 && config.finalNorm
        && config.innerNormEpsilon ?? 1e-5 == 1e-5, "activation",
      "SiLU, norms of epsilon 1e-5 and a norm after the last layer")
    try expect(
      config.attentionNorm == .before && config.attentionResidualFactor == 1, "attentionNorm",
      "a norm before attention and a residual factor of 1")
    try expect(
      config.attentionBiases && !config.convolutionBiases, "attentionBiases",
      "biases of queries, keys and values, and none of convolutions,")
    try expect(config.residualFactor == 0.5, "residualFactor", "0.5")
    try expect(config.convolutionNorm == .batch, "convolutionNorm", "batch norm")
    try expect(
      !config.isCausal && config.convolutionIsCausal != true, "isCausal",
      "frames that see all others")
    try expect(config.kernel % 2 == 1, "kernel", "an odd number of taps")
    var rotary = published.rotary.writtenOut(depth: config.width / config.heads)
    rotary.base = config.rotary.base
    try expect(
      config.writtenOut.rotary == rotary, "rotary", "turned inputs of attention, by halves")
    try expect(
      config.dropout == config.attentionDropout
        && config.inputDropout ?? config.dropout == config.dropout,
      "attentionDropout", "one rate, that of dropout")
    return frontEnd
  }
}

/// A folder of MuQ, `config.json` and `model.safetensors` or `pytorch_model.bin`.
enum MuQFolder {
  /// The numbers of its encoder, without the weights.
  static func config(of folder: URL) throws -> MelEncoder.Config {
    try MelFolder.checkedConfig(at: folder.appendingPathComponent(MelFolder.configName)) { url in
      try MuQConfig.read(url).encoderConfig()
    }
  }

  static func read(_ folder: URL) throws -> MelEncoder {
    let url = folder.appendingPathComponent(MelFolder.configName)
    let foreign = try MuQConfig.read(url)
    do {
      let (mean, deviation) = try foreign.statistics()
      let weights = try MelWeights(
        Weights(folder: folder), config: foreign.encoderConfig(), describedBy: url)
      return try weights.encoder { weights, encoder in
        try encoder.begin(as: weights, mean: mean, deviation: deviation)
      }
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  static func write(_ encoder: MelEncoder, to folder: URL) throws {
    let config = try MuQConfig(encoder)
    try encoder.state.checkFinite(beforeWriting: folder)
    try MelFolder.write(MuQNames.export(encoder), config, to: folder)
  }
}

extension MelEncoder {
  /// Draws the mask embedding of a published model, which has none; always the same.
  mutating func drawMaskEmbedding() {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    maskEmbedding = .uniform(maskEmbedding.shape, in: 0..<1, using: &generator)
  }

  /// Takes the weights of a published model and the statistics of its mel frames.
  mutating func begin(as weights: Weights, mean: Float, deviation: Float) throws {
    drawMaskEmbedding()
    (input.mean, input.deviation) = (Tensor([mean]), Tensor([deviation]))
    try MuQNames.load(weights, into: &self)
  }
}
