import Foundation

/// `config.json` as `transformers` writes it for HuBERT and data2vec, with our own fields under
/// `etude`. Keys are the properties in snake case.
struct HuggingFaceConfig: Codable {
  /// What `transformers` has no field for.
  struct Etude: Codable {
    var sampleRate: Int
    var normalizesWaveform: Bool
    var featureGradientScale: Float
    /// Absent where a learned norm stands before the projection.
    var projectionNorm: AudioEncoder.ProjectionNorm?
    /// Absent where it is that of all published models.
    var feedForward: FeedForwardKind?
    /// Absent where a convolution gives frames their place.
    var rotary: Rotary?
  }

  var modelType: String
  var architectures: [String]?
  /// Of the weights, for `transformers` 5 and 4.
  var dtype: String?
  var torchDtype: String?
  /// The files with the code of a model that `transformers` has not.
  var autoMap: [String: String]?
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
  var featureExtractorCqt: Bool?

  // MERT's own.
  var deepnorm: Bool?
  /// A shift of the attention's scores before the softmax, which shifts them anyway: without effect.
  var attentionRelax: Float?

  // One of them above 0: the model has a mask embedding.
  var maskTimeProb: Float?
  var maskFeatureProb: Float?

  /// Whether `transformers` builds a mask embedding; it does so by default.
  var hasMaskEmbedding: Bool { (maskTimeProb ?? 0.05) > 0 || (maskFeatureProb ?? 0) > 0 }
}

extension HuggingFaceConfig {
  /// The families by their names in `transformers`, MERT, whose code comes with its weights, and what no
  /// other program computes.
  enum Family: String, CaseIterable {
    case hubert
    case data2vec = "data2vec-audio"
    case mert = "mert_model"
    case etude

    fileprivate var modelClass: String? {
      switch self {
      case .hubert: "HubertModel"
      case .data2vec: "Data2VecAudioModel"
      case .mert: "MERTModel"
      case .etude: nil
      }
    }
  }

  /// What keys have in common that are read as one: `hidden_size`, `hiddenSize`.
  static func spelling(_ key: String) -> String { key.replacing("_", with: "").lowercased() }

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
  /// - Throws: `ModelError.setting` if a folder has no place for what it computes.
  public func checkWritable() throws(ModelError) { _ = try family() }

  /// That another program has all its blocks.
  /// - Throws: `ModelError.setting`.
  func checkPublished() throws(ModelError) {
    guard feedForward.isPublished else {
      throw .setting(
        "encoder.feedForward",
        problem: "\(feedForward.rawValue) is in no published model, so no other program computes "
          + "it; keep the model in a folder of etude's own")
    }
    guard rotary == nil else {
      throw .setting(
        "encoder.rotary",
        problem:
          "the published models give frames their place by a convolution, so no other program "
          + "computes this; keep the model in a folder of etude's own")
    }
  }

  /// Which model of `transformers` computes the same, MERT if none does, or only this library.
  /// - Throws: `ModelError.setting` if it has several positional convolutions and is not data2vec.
  func family() throws(ModelError) -> HuggingFaceConfig.Family {
    let isMERT = normOrder == .deep || projectionNorm == .around
    let isOwn = !feedForward.isPublished || rotary != nil
    if position.depth == 1 { return isOwn ? .etude : isMERT ? .mert : .hubert }
    guard frontEnd.norm == .layer, normOrder == .post, !isMERT, !isOwn else {
      throw .setting(
        "encoder.position.depth",
        problem: "transformers has several positional convolutions only with encoder.frontEnd.norm "
          + "layer, encoder.normOrder post, encoder.projectionNorm before and encoder.feedForward gelu; "
          + "set these, or depth 1"
      )
    }
    return .data2vec
  }

  /// - Throws: `ModelError.setting` if `form` does not compute the same.
  func family(as form: HuggingFaceConfig.Family?) throws(ModelError) -> HuggingFaceConfig.Family {
    let family = try family()
    guard let form, form != family else { return family }
    if form != .etude { try checkPublished() }
    guard form == .mert, family == .hubert else {
      throw .setting(
        "model_type", problem: "\(form.rawValue) does not compute what a \(family.rawValue) does")
    }
    return .mert
  }
}

extension HuggingFaceConfig {
  /// - Parameter form: The family to write it as; what computes the same unless given.
  /// - Throws: `ModelError.setting` if that family does not compute the same.
  init(_ config: AudioEncoder.Config, as form: Family? = nil) throws(ModelError) {
    let family = try config.family(as: form)
    let isHuBERT = family != .data2vec
    modelType = family.rawValue
    architectures = family.modelClass.map { [$0] }
    dtype = "float32"
    etude = Etude(
      sampleRate: config.sampleRate, normalizesWaveform: config.normalizesWaveform,
      featureGradientScale: config.frontEnd.gradientScale,
      projectionNorm: config.projectionNorm == .before ? nil : config.projectionNorm,
      feedForward: config.feedForward == .gelu ? nil : config.feedForward, rotary: config.rotary)

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
    if family == .mert { setMERT(config) }
    if family == .etude { deepnorm = config.normOrder == .deep }
  }

  /// As `m-a-p` publishes them: the names of the files with MERT's code, which are not ours to copy.
  private mutating func setMERT(_ config: AudioEncoder.Config) {
    torchDtype = "float32"
    autoMap = [
      "AutoConfig": "configuration_MERT.MERTConfig", "AutoModel": "modeling_MERT.MERTModel",
    ]
    sampleRate = config.sampleRate
    deepnorm = config.normOrder == .deep
    (attentionRelax, featureExtractorCqt) = (-1, false)
  }
}
