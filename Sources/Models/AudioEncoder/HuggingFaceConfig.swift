import Foundation

/// `config.json` as `transformers` writes it for HuBERT and data2vec, with our own fields under
/// `etude`. Keys are the properties in snake case.
struct HuggingFaceConfig: Codable {
  /// What `transformers` has no field for.
  struct Etude: Codable {
    var sampleRate: Int
    var normalizesWaveform: Bool
    var featureGradientScale: Float
  }

  var modelType: String
  var architectures: [String]?
  var dtype: String?
  var etude: Etude?
  /// Of MERT's own files, in Hz.
  var sampleRate: Int?

  var convDim: [Int]
  var convKernel: [Int]
  var convStride: [Int]
  var convBias: Bool
  var featExtractNorm: String?
  var featProjDropout: Float
  var numFeatExtractLayers: Int?

  var numConvPosEmbeddings: Int
  var numConvPosEmbeddingGroups: Int
  var convPosKernelSize: Int?

  var hiddenSize: Int
  var numHiddenLayers: Int
  var numAttentionHeads: Int
  var intermediateSize: Int
  var doStableLayerNorm: Bool?
  var hiddenDropout: Float
  var attentionDropout: Float
  var activationDropout: Float
  var layerdrop: Float

  // What the arithmetic here takes for granted.
  var layerNormEps: Double?
  var hiddenAct: String?
  var featExtractActivation: String?
  var featProjLayerNorm: Bool?
  var convPosBatchNorm: Bool?
  var addAdapter: Bool?
  var deepnorm: Bool?
  var featureExtractorCqt: Bool?

  // One of them above 0: the model has a mask embedding.
  var maskTimeProb: Float?
  var maskFeatureProb: Float?

  /// Whether `transformers` builds a mask embedding; it does so by default.
  var hasMaskEmbedding: Bool { (maskTimeProb ?? 0.05) > 0 || (maskFeatureProb ?? 0) > 0 }
}

extension HuggingFaceConfig {
  /// The two families by their names in `transformers`.
  enum Family: String {
    case hubert
    case data2vec = "data2vec-audio"
  }

  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}

extension AudioEncoder.Config {
  /// Checks, before a long training, that the model can be saved.
  /// - Throws: `ModelError.setting` if no model of `transformers` computes the same.
  public func checkWritable() throws(ModelError) { _ = try family() }

  /// Which model of `transformers` computes the same.
  /// - Throws: `ModelError.setting` if none does.
  func family() throws(ModelError) -> HuggingFaceConfig.Family {
    if position.depth == 1 { return .hubert }
    guard frontEnd.norm == .layer, normOrder == .post else {
      throw .setting(
        "encoder.position.depth",
        problem: "transformers has several positional convolutions only with encoder.frontEnd.norm "
          + "layer and encoder.normOrder post; set these, or depth 1")
    }
    return .data2vec
  }
}

extension HuggingFaceConfig {
  /// - Throws: `ModelError.setting` if no model of `transformers` computes the same.
  init(_ config: AudioEncoder.Config) throws(ModelError) {
    let family = try config.family()
    let isHuBERT = family == .hubert
    modelType = family.rawValue
    architectures = [isHuBERT ? "HubertModel" : "Data2VecAudioModel"]
    dtype = "float32"
    etude = Etude(
      sampleRate: config.sampleRate, normalizesWaveform: config.normalizesWaveform,
      featureGradientScale: config.frontEnd.gradientScale)

    convDim = config.frontEnd.channels
    convKernel = config.frontEnd.kernels
    convStride = config.frontEnd.strides
    convBias = config.frontEnd.bias
    featExtractNorm = isHuBERT ? config.frontEnd.norm.rawValue : nil
    featProjDropout = config.inputDropout
    numFeatExtractLayers = config.frontEnd.channels.count

    numConvPosEmbeddings = isHuBERT ? config.position.kernel : config.position.depth
    numConvPosEmbeddingGroups = config.position.groups
    convPosKernelSize = isHuBERT ? nil : config.position.kernel

    hiddenSize = config.width
    numHiddenLayers = config.layers
    numAttentionHeads = config.heads
    intermediateSize = config.feedForwardWidth
    doStableLayerNorm = isHuBERT ? config.normOrder == .pre : nil
    hiddenDropout = config.dropout
    attentionDropout = config.attentionDropout
    activationDropout = config.activationDropout
    layerdrop = config.layerDrop

    (layerNormEps, hiddenAct, featExtractActivation) = (1e-5, "gelu", "gelu")
    featProjLayerNorm = isHuBERT ? true : nil
    convPosBatchNorm = isHuBERT ? false : nil
    maskTimeProb = 0.05
  }
}
