import Settings

/// `config.json` as `transformers` writes it for EnCodec. Keys are the properties in snake case; an absent one has the
/// value of `transformers`.
struct EncodecConfig: Codable {
  static let modelType = "encodec"

  /// What `transformers` has no field for.
  struct Etude: Codable {
    /// False if the codec has no LSTM; the file has one layer of zeros in its place, which computes the same.
    var hasLstm: Bool?
  }

  var modelType: String
  var architectures: [String]?
  /// Of the weights, for `transformers` 5 and 4.
  var dtype: String?
  var torchDtype: String?
  var etude: Etude?

  var samplingRate: Int?
  var audioChannels: Int?
  var normalize: Bool?
  var chunkLengthS: Double?
  var overlap: Double?
  var targetBandwidths: [Double]?
  var hiddenSize: Int?
  var numFilters: Int?
  var numResidualLayers: Int?
  var upsamplingRatios: [Int]?
  var normType: String?
  var kernelSize: Int?
  var lastKernelSize: Int?
  var residualKernelSize: Int?
  var dilationGrowthRate: Int?
  var useCausalConv: Bool?
  var padMode: String?
  var compress: Int?
  var numLstmLayers: Int?
  var trimRightRatio: Double?
  var codebookSize: Int?
  var codebookDim: Int?
  var useConvShortcut: Bool?
}

extension EncodecConfig {
  init(_ config: Codec.Config) {
    (modelType, architectures) = (Self.modelType, ["EncodecModel"])
    (dtype, torchDtype) = ("float32", "float32")
    etude = config.lstmLayers == 0 ? Etude(hasLstm: false) : nil
    (samplingRate, audioChannels) = (config.sampleRate, config.channels)
    normalize = config.normalizesLoudness
    (chunkLengthS, overlap) = (config.chunkSeconds, config.chunkOverlap)
    targetBandwidths = config.bandwidths
    (hiddenSize, numFilters) = (config.width, config.filters)
    (numResidualLayers, upsamplingRatios) = (config.residualUnits, config.strides.reversed())
    normType = Self.norms.first { $0.ours == config.norm }?.theirs
    (kernelSize, lastKernelSize) = (config.kernel, config.lastKernel)
    (residualKernelSize, dilationGrowthRate) = (config.residualKernel, config.dilationGrowth)
    useCausalConv = config.isCausal
    padMode = Self.paddings.first { $0.ours == config.paddingMode }?.theirs
    (compress, numLstmLayers) = (config.compression, max(1, config.lstmLayers))
    trimRightRatio = config.trimRightRatio
    (codebookSize, codebookDim) = (config.quantizer.codes, config.width)
    useConvShortcut = config.hasShortcutConvolution
  }

  private static let norms: [(ours: Codec.Norm, theirs: String)] = [
    (.weight, "weight_norm"), (.group, "time_group_norm"),
  ]

  private static let paddings: [(ours: Codec.PaddingMode, theirs: String)] = [
    (.reflect, "reflect"), (.zeros, "constant"),
  ]

  /// The codec that computes what this file describes.
  /// - Throws: `ModelError.setting`, by the name of the file's key, for one that is not built here.
  func codecConfig() throws(ModelError) -> Codec.Config {
    var config = Codec.Config()
    config.sampleRate = samplingRate ?? config.sampleRate
    config.channels = audioChannels ?? config.channels
    config.width = hiddenSize ?? config.width
    config.filters = numFilters ?? config.filters
    config.strides = upsamplingRatios?.reversed() ?? config.strides
    config.kernel = kernelSize ?? config.kernel
    config.lastKernel = lastKernelSize ?? config.lastKernel
    config.residualKernel = residualKernelSize ?? config.residualKernel
    config.residualUnits = numResidualLayers ?? config.residualUnits
    config.dilationGrowth = dilationGrowthRate ?? config.dilationGrowth
    config.compression = compress ?? config.compression
    config.isCausal = useCausalConv ?? config.isCausal
    config.hasShortcutConvolution = useConvShortcut ?? config.hasShortcutConvolution
    config.trimRightRatio = trimRightRatio ?? config.trimRightRatio
    config.normalizesLoudness = normalize ?? config.normalizesLoudness
    (config.chunkSeconds, config.chunkOverlap) = (chunkLengthS, overlap)
    config.norm = try Self.known("norm_type", normType, Self.norms)
    config.paddingMode = try Self.known("pad_mode", padMode, Self.paddings)
    config.lstmLayers = try lstmLayers(config)
    guard codebookDim ?? config.width == config.width else {
      throw .setting(
        "codebook_dim",
        problem: "\(codebookDim!) is not built here, only hidden_size \(config.width)")
    }
    try check(config)
    config.quantizer = try quantizer(config)
    try check(config)
    return config
  }

  private func lstmLayers(_ config: Codec.Config) throws(ModelError) -> Int {
    let layers = numLstmLayers ?? config.lstmLayers
    guard layers >= 1 else {
      throw .setting("num_lstm_layers", problem: "\(layers) is not at least 1")
    }
    guard etude?.hasLstm == false else { return layers }
    guard layers == 1 else {
      throw .setting(
        "num_lstm_layers", problem: "\(layers) is not 1, though etude.has_lstm is false")
    }
    return 0
  }

  /// As many codebooks as the last bandwidth needs.
  private func quantizer(_ config: Codec.Config) throws(ModelError) -> ResidualQuantizer.Config {
    var quantizer = ResidualQuantizer.Config()
    quantizer.codes = codebookSize ?? quantizer.codes
    quantizer.codebooks = 1
    do { try quantizer.validate() } catch {
      throw .setting("codebook_size", problem: error.reason)
    }
    let last = (targetBandwidths ?? [1.5, 3, 6, 12, 24]).last ?? 0
    let count = (1_000 * last).wholeQuotient(by: config.bitRate(codes: quantizer.codes))
    guard count >= 1, count <= 1_024 else {
      throw .setting(
        "target_bandwidths",
        problem: "\(last) kbit/s at its end is not enough for a codebook, or for more than 1024")
    }
    quantizer.codebooks = Int(count)
    return quantizer
  }

  private static func known<Value>(
    _ name: String, _ value: String?, _ values: [(ours: Value, theirs: String)]
  ) throws(ModelError) -> Value {
    guard let value else { return values[0].ours }
    guard let found = values.first(where: { $0.theirs == value }) else {
      let names = values.map(\.theirs).joined(separator: " and ")
      throw .setting(name, problem: "\(value) is not built here, only \(names)")
    }
    return found.ours
  }

  /// - Throws: `ModelError.setting`, by the name of the file's key.
  private func check(_ config: Codec.Config) throws(ModelError) {
    do throws(InvalidSetting) { try config.validate() } catch {
      let (name, index) = error.path.splitAtBracket
      throw .setting((Self.keys[name] ?? name) + index, problem: error.reason)
    }
  }

  /// Our settings and their keys.
  private static let keys = [
    "sampleRate": "sampling_rate", "channels": "audio_channels", "width": "hidden_size",
    "filters": "num_filters", "strides": "upsampling_ratios", "kernel": "kernel_size",
    "lastKernel": "last_kernel_size", "residualKernel": "residual_kernel_size",
    "residualUnits": "num_residual_layers", "dilationGrowth": "dilation_growth_rate",
    "compression": "compress", "lstmLayers": "num_lstm_layers",
    "trimRightRatio": "trim_right_ratio", "chunkSeconds": "chunk_length_s",
    "chunkOverlap": "overlap", "normalizesLoudness": "normalize", "norm": "norm_type",
  ]
}

extension Codec.Config {
  /// Bits per second of one codebook, as `transformers` counts them: frames per second rounded up.
  fileprivate func bitRate(codes: Int) -> Double {
    Double((sampleRate + stride - 1) / stride * codes.trailingZeroBitCount)
  }

  /// kbit/s of 2, 4, 8, ... codebooks and of all.
  fileprivate var bandwidths: [Double] {
    let counts = sequence(first: 2) { $0 * 2 }.prefix { $0 < quantizer.codebooks }
    let rate = bitRate(codes: quantizer.codes)
    return (counts + [quantizer.codebooks]).map { count in
      var bandwidth = Double(count) * rate / 1_000
      while (1_000 * bandwidth).wholeQuotient(by: rate) < Double(count) {
        bandwidth = bandwidth.nextUp
      }
      return bandwidth
    }
  }
}

extension Double {
  /// Python's `//`.
  fileprivate func wholeQuotient(by divisor: Double) -> Double {
    ((self - truncatingRemainder(dividingBy: divisor)) / divisor).rounded()
  }
}

extension String {
  /// `strides[2]` as `strides` and `[2]`.
  fileprivate var splitAtBracket: (String, String) {
    let end = firstIndex(of: "[") ?? endIndex
    return (String(self[..<end]), String(self[end...]))
  }
}

/// `preprocessor_config.json` of a codec.
struct EncodecPreprocessor: Codable {
  var featureExtractorType: String?
  var featureSize: Int?
  var samplingRate: Int?
  var chunkLengthS: Double?
  var overlap: Double?
  var paddingValue: Double?
  var paddingSide: String?
  var returnAttentionMask: Bool?

  init(_ config: Codec.Config) {
    featureExtractorType = "EncodecFeatureExtractor"
    (featureSize, samplingRate) = (config.channels, config.sampleRate)
    (chunkLengthS, overlap) = (config.chunkSeconds, config.chunkOverlap)
    (paddingValue, paddingSide, returnAttentionMask) = (0, "right", true)
  }

  /// That it prepares audio for this codec.
  /// - Throws: `ModelError.setting`.
  func check(_ config: Codec.Config) throws(ModelError) {
    try agree("sampling_rate", samplingRate, config.sampleRate)
    try agree("feature_size", featureSize, config.channels)
    try agree("chunk_length_s", chunkLengthS, config.chunkSeconds)
    try agree("overlap", overlap, config.chunkOverlap)
  }

  private func agree<Value: Equatable>(
    _ name: String, _ value: Value?, _ other: Value?
  ) throws(ModelError) {
    guard let value, value != other else { return }
    let shown = other.map { "\($0)" } ?? "absent"
    throw .setting(name, problem: "\(value), but in config.json it is \(shown); make them equal")
  }
}
