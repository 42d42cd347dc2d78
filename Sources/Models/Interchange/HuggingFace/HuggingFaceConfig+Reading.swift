/// `preprocessor_config.json`: how `transformers` prepares a waveform.
struct PreprocessorConfig: Codable {
  var samplingRate: Int
  var doNormalize: Bool
  var featureExtractorType: String?
  var featureSize: Int?
  var returnAttentionMask: Bool?
  var paddingSide: String?
  var paddingValue: Float?

  /// A group norm over time sees padding whether or not it is masked, so such models take no mask.
  init(_ config: AudioEncoder.Config) {
    samplingRate = config.sampleRate
    doNormalize = config.normalizesWaveform
    (featureExtractorType, featureSize) = ("Wav2Vec2FeatureExtractor", 1)
    returnAttentionMask = config.frontEnd.norm == .layer
    (paddingSide, paddingValue) = ("right", 0)
  }
}

extension HuggingFaceConfig {
  /// That what stands in two places is the same there: `transformers` may go by one and we by the other.
  /// - Throws: `ModelError.setting`.
  func checkAgreement(with preprocessor: PreprocessorConfig?) throws(ModelError) {
    let other = "preprocessor_config.json has"
    if let etude {
      try agree("etude.sample_rate", etude.sampleRate, "its sample_rate is", sampleRate)
      try agree(
        "etude.sample_rate", etude.sampleRate, "\(other) sampling_rate",
        preprocessor?.samplingRate)
      try agree(
        "etude.normalizes_waveform", etude.normalizesWaveform, "\(other) do_normalize",
        preprocessor?.doNormalize)
    }
    if let sampleRate {
      try agree("sample_rate", sampleRate, "\(other) sampling_rate", preprocessor?.samplingRate)
    }
    try agree(
      "the length of conv_dim", convDim.count, "its num_feat_extract_layers is",
      numFeatExtractLayers)
  }

  private func agree<Value: Equatable>(
    _ name: String, _ value: Value, _ other: String, _ otherValue: Value?
  ) throws(ModelError) {
    guard let otherValue, otherValue != value else { return }
    throw .setting(
      name,
      problem: "\(value), but \(other) \(otherValue); make them equal, so that every program "
        + "computes the same")
  }

  /// The encoder that computes what this file describes.
  ///
  /// - Parameter preprocessor: Has the sample rate of a model that is not ours.
  /// - Throws: `ModelError.setting` for an architecture that is not built here.
  func encoderConfig(
    preprocessor: PreprocessorConfig?
  ) throws(ModelError) -> AudioEncoder.Config {
    try checkWhatIsTakenForGranted()
    var config = AudioEncoder.Config()
    config.frontEnd = frontEnd
    (config.position, config.rotary) = (position, etude?.rotary)
    config.inputDropout = featProjDropout
    config.projectionNorm = etude?.projectionNorm ?? .before
    (config.width, config.layers, config.heads) = (hiddenSize, numHiddenLayers, numAttentionHeads)
    config.feedForwardWidth = intermediateSize
    config.feedForward = etude?.feedForward ?? .gelu
    config.normOrder = deepnorm == true ? .deep : doStableLayerNorm == true ? .pre : .post
    (config.dropout, config.attentionDropout) = (hiddenDropout, attentionDropout)
    (config.activationDropout, config.layerDrop) = (activationDropout, layerdrop)
    try set(waveformOf: &config, preprocessor)
    try config.check()
    if etude != nil { _ = try config.family(as: Family(rawValue: modelType)) }
    return config
  }

  private var isData2Vec: Bool { modelType == Family.data2vec.rawValue }

  private var frontEnd: ConvFeatureExtractor.Config {
    var frontEnd = ConvFeatureExtractor.Config()
    (frontEnd.channels, frontEnd.kernels, frontEnd.strides) = (convDim, convKernel, convStride)
    frontEnd.norm = isData2Vec || featExtractNorm == "layer" ? .layer : .group
    frontEnd.bias = convBias
    frontEnd.gradientScale = etude?.featureGradientScale ?? 1
    return frontEnd
  }

  private var position: AudioEncoder.Position {
    var position = AudioEncoder.Position()
    position.groups = numConvPosEmbeddingGroups
    position.kernel = isData2Vec ? convPosKernelSize ?? 19 : numConvPosEmbeddings
    position.depth = isData2Vec ? numConvPosEmbeddings : 1
    return position
  }

  private func set(
    waveformOf config: inout AudioEncoder.Config, _ preprocessor: PreprocessorConfig?
  ) throws(ModelError) {
    if let etude {
      (config.sampleRate, config.normalizesWaveform) = (etude.sampleRate, etude.normalizesWaveform)
    } else if let preprocessor {
      config.sampleRate = sampleRate ?? preprocessor.samplingRate
      config.normalizesWaveform = preprocessor.doNormalize
    } else {
      throw .setting(
        "sampling_rate",
        problem: "unknown; put the model's preprocessor_config.json beside its config.json")
    }
  }

  private func checkWhatIsTakenForGranted() throws(ModelError) {
    let families = Family.allCases.map(\.rawValue)
    try expect(
      families.contains(modelType), "model_type", modelType, families.joined(separator: ", "))
    try expect(
      isData2Vec || ["group", "layer"].contains(featExtractNorm), "feat_extract_norm",
      featExtractNorm ?? "absent", "group or layer")
    try expect((layerNormEps ?? 1e-5) == 1e-5, "layer_norm_eps", layerNormEps ?? 0, "1e-5")
    try expect((hiddenAct ?? "gelu") == "gelu", "hidden_act", hiddenAct ?? "", "gelu")
    try expect(
      (featExtractActivation ?? "gelu") == "gelu", "feat_extract_activation",
      featExtractActivation ?? "", "gelu")
    try expect(featProjLayerNorm ?? true, "feat_proj_layer_norm", false, "true")
    for (name, value) in [
      ("conv_pos_batch_norm", convPosBatchNorm), ("add_adapter", addAdapter),
      ("feature_extractor_cqt", featureExtractorCqt),
    ] {
      try expect(!(value ?? false), name, true, "false")
    }
    try expect(
      !(isData2Vec && doStableLayerNorm == true), "do_stable_layer_norm", true, "false in data2vec")
    let mayBeDeep = [Family.mert, .etude].map(\.rawValue).contains(modelType)
    try expect(
      deepnorm != true || mayBeDeep && doStableLayerNorm != true, "deepnorm", true,
      "false, or post-norm in mert_model")
  }

  private func expect<Value>(
    _ holds: Bool, _ name: String, _ value: Value, _ allowed: String
  ) throws(ModelError) {
    if !holds { throw .setting(name, problem: "\(value) is not built here, only \(allowed)") }
  }
}
