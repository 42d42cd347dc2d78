import Audio
import Models
import Tensor

/// `config.gin` of OMAR-RQ: what of it the hidden states depend on.
struct OMARConfig: Equatable {
  /// What is cut into patches.
  enum Input: Equatable {
    case mel(Mel)
    /// The waveform, in patches of so many samples.
    case waveform(samples: Int)
  }

  /// The numbers of a mel spectrogram and its patches.
  struct Mel: Equatable {
    var bands, fftLength, hopLength, patchFrames: Int
    var scale: MelScale
    var areaNormalized: Bool
  }

  var input: Input
  var sampleRate: Int
  var mean: Float
  var deviation: Float
  var width, layers, heads, feedForwardWidth: Int
  var residualFactor, attentionResidualFactor, initialScale: Float
  var dropout, inputDropout: Float

  /// Taps of the convolutions, whatever `conv_kernel_size` states.
  private static let kernel = 31
  /// Mel frames of a patch of a model with one representation, whatever its `patch_size` states.
  static let patchFrames = 4
  /// Mel bands of such a model.
  static let bands = 96
}

// MARK: - Reading

extension OMARConfig {
  /// - Throws: `ModelError.setting` for what is not built here.
  init(_ gin: GinFile) throws(ModelError) {
    try Self.checkWhatIsTakenForGranted(gin)
    let (kind, isAlone) = try Self.representation(gin)
    sampleRate = try gin.count("\(kind).sr")
    (mean, deviation) = try Self.statistics(gin, kind)
    input = kind == "Waveform" ? try Self.waveform(gin) : .mel(try Self.mel(gin, isAlone: isAlone))
    width = try gin.count("Conformer.embed_dim")
    layers = try gin.count("Conformer.depth")
    heads = try gin.count("Conformer.num_heads")
    let ratio = try gin.number("Conformer.mlp_ratio")
    feedForwardWidth = Int(min(max(0, (Double(width) * ratio).wholeIfNear), 0x1p30))
    residualFactor = Float(try gin.number("Conformer.mlp_residual_factor"))
    attentionResidualFactor = Float(try gin.number("Conformer.alpha_deepnorm"))
    initialScale = Float(try gin.number("Conformer.beta_deepnorm"))
    dropout = Float(try gin.number("Conformer.dropout"))
    inputDropout = Float(try gin.number("Conformer.input_dropout"))
  }

  private static func checkWhatIsTakenForGranted(_ gin: GinFile) throws(ModelError) {
    try expect(gin, "build_module.net", .reference("Conformer"))
    try expect(gin, "build_module.module", .reference("MaskingModel"))
    try expect(gin, "Conformer.use_deepnorm", .flag(true))
    try expect(gin, "Conformer.use_rope", .flag(true))
  }

  private static func expect(
    _ gin: GinFile, _ name: String, _ allowed: GinFile.Value...
  ) throws(ModelError) {
    let value = try gin.value(name)
    guard allowed.contains(value) else {
      let words = allowed.map(\.words).joined(separator: " or ")
      throw .setting(name, problem: "\(value.words) is not built here, only \(words)")
    }
  }

  /// The class of what is cut into patches, and whether the model has no other.
  private static func representation(
    _ gin: GinFile
  ) throws(ModelError) -> (kind: String, isAlone: Bool) {
    let whole = try gin.value("build_module.representation")
    var (value, isAlone, name) = (whole, true, "build_module.representation")
    if case .list = whole {
      (isAlone, name) = (false, "MaskingModel.input_representation")
      value = try gin.value(name)
    }
    guard case .reference(let kind) = value, ["MelSpectrogram", "Waveform"].contains(kind) else {
      throw .setting(
        name, problem: "\(value.words) is not built here, only @MelSpectrogram or @Waveform")
    }
    return (kind, isAlone)
  }

  private static func statistics(
    _ gin: GinFile, _ kind: String
  ) throws(ModelError) -> (mean: Float, deviation: Float) {
    let (mean, deviation) = ("\(kind).norm_mean", "\(kind).norm_std")
    let given = [try gin.value(mean), try gin.value(deviation)]
    if given.contains(.nothing) { return (0, 1) }
    let numbers = (Float(try gin.number(mean)), Float(try gin.number(deviation)))
    guard numbers.0.isFinite, numbers.1.isFinite, numbers.1 > 0 else {
      throw .setting(deviation, problem: "mean \(numbers.0) and deviation \(numbers.1) do not fit")
    }
    return numbers
  }

  private static func waveform(_ gin: GinFile) throws(ModelError) -> Input {
    .waveform(samples: try patchFrames(gin, "Waveform", bands: 1))
  }

  private static func mel(_ gin: GinFile, isAlone: Bool) throws(ModelError) -> Mel {
    let name = "MelSpectrogram"
    try expect(gin, "\(name).power", .number(2))
    try expect(gin, "\(name).norm", .text("slaney"), .nothing)
    try expect(gin, "\(name).mel_scale", .text("slaney"), .text("htk"))
    let bands = try gin.count("\(name).n_mel")
    if isAlone { try expect(gin, "\(name).n_mel", .number(Double(Self.bands))) }
    let size: GinFile.Value = .list([.number(Double(bands)), .number(Double(patchFrames))])
    let hasSize = try gin.value("\(name).patch_size", default: size)
    if isAlone, hasSize != size { try expect(gin, "\(name).patch_size", size) }
    return Mel(
      bands: bands, fftLength: try windowLength(gin, "\(name).win_len"),
      hopLength: try gin.count("\(name).hop_len"),
      patchFrames: isAlone ? patchFrames : try patchFrames(gin, name, bands: bands),
      scale: try gin.value("\(name).mel_scale") == .text("htk") ? .htk : .slaney,
      areaNormalized: try gin.value("\(name).norm") != .nothing)
  }

  /// The length of a transform: an odd one has no frame at the end of the signal, which is kept here.
  private static func windowLength(_ gin: GinFile, _ name: String) throws(ModelError) -> Int {
    let length = try gin.count(name)
    guard length % 2 == 0 else {
      throw .setting(name, problem: "\(length) is not built here, only even numbers")
    }
    return length
  }

  /// The frames of patches that take all bands.
  private static func patchFrames(
    _ gin: GinFile, _ kind: String, bands: Int
  ) throws(ModelError) -> Int {
    let size = try gin.value("\(kind).patch_size")
    guard case .list(let numbers) = size, numbers.count == 2,
      numbers[0] == .number(Double(bands)), case .number(let frames) = numbers[1],
      let frames = Int(exactly: frames), (1...1 << 20).contains(frames)
    else {
      throw .setting(
        "\(kind).patch_size", problem: "\(size.words) is not built here, only (\(bands), frames)")
    }
    return frames
  }
}

extension GinFile.Value {
  /// As Python writes it.
  var words: String {
    switch self {
    case .nothing: "None"
    case .flag(let flag): flag ? "True" : "False"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .text(let text): "\"\(text)\""
    case .reference(let name): "@\(name)"
    case .list(let values): "(" + values.map(\.words).joined(separator: ", ") + ")"
    }
  }
}

// MARK: - The encoder

extension OMARConfig {
  /// The encoder that computes what this file describes.
  var encoderConfig: MelEncoder.Config {
    var config = MelEncoder.Config()
    config.sampleRate = sampleRate
    var patches = FramePatches.Config()
    switch input {
    case .mel(let mel):
      var bands = SpectrumInput.MelBands()
      (bands.bands, bands.fftLength) = (mel.bands, mel.fftLength)
      (bands.scale, bands.areaNormalized) = (mel.scale, mel.areaNormalized)
      bands.compression = .shiftedLogarithm
      (config.input.mel, config.input.hopLength) = (bands, mel.hopLength)
      config.input.keepsLastFrame = true
      patches.frames = mel.patchFrames
    case .waveform(let samples):
      (config.input.takesSamples, config.input.hopLength) = (true, samples)
      patches.frames = 1
    }
    config.frontEnd.patches = patches
    (config.width, config.layers, config.heads) = (width, layers, heads)
    (config.feedForwardWidth, config.kernel) = (feedForwardWidth, Self.kernel)
    (config.activation, config.finalNorm) = (.gelu, false)
    (config.residualFactor, config.attentionResidualFactor) = (
      residualFactor, attentionResidualFactor
    )
    (config.attentionNorm, config.innerNormEpsilon) = (.after, 6.1e-5)
    (config.attentionBiases, config.convolutionBiases) = (false, true)
    config.rotary = Rotary()
    config.rotary.pairs = .neighbours
    (config.isCausal, config.convolutionIsCausal) = (true, false)
    (config.dropout, config.inputDropout) = (dropout, inputDropout)
    (config.attentionDropout, config.activationDropout) = (dropout, dropout)
    config.initialScale = initialScale
    return config
  }

  /// - Throws: `ModelError.setting` if OMAR-RQ does not compute the same.
  init(_ encoder: MelEncoder) throws(ModelError) {
    let config = encoder.config
    guard let patches = config.frontEnd.patches, config.input.statistics == .global else {
      throw .setting(
        "encoder.frontEnd", problem: "OMAR-RQ has patches of one mean and one deviation alone")
    }
    let mel = config.input.chosenMel
    input =
      config.input.takesSamples
      ? .waveform(samples: config.input.hopLength)
      : .mel(
        Mel(
          bands: mel.bands, fftLength: mel.fftLength, hopLength: config.input.hopLength,
          patchFrames: patches.frames, scale: mel.scale, areaNormalized: mel.areaNormalized))
    sampleRate = config.sampleRate
    (mean, deviation) = (encoder.input.mean.scalars[0], encoder.input.deviation.scalars[0])
    (width, layers, heads) = (config.width, config.layers, config.heads)
    feedForwardWidth = config.feedForwardWidth
    residualFactor = config.residualFactor
    attentionResidualFactor = config.attentionResidualFactor
    initialScale = config.initialScale
    (dropout, inputDropout) = (config.dropout, config.inputDropout ?? config.dropout)
    try check(config)
  }

  private func check(_ config: MelEncoder.Config) throws(ModelError) {
    guard config.writtenOut == encoderConfig.writtenOut, mel?.scale != .kaldi else {
      throw .setting(
        "encoder",
        problem:
          "OMAR-RQ has GELU, 31 taps, batch norms, biases in convolutions but not of queries, keys and "
          + "values, the norm after attention, causal attention over turned neighbours, one rate of dropout and "
          + "no norm after the last layer alone")
    }
  }

  private var mel: Mel? { if case .mel(let mel) = input { mel } else { nil } }
}

// MARK: - Writing

extension OMARConfig {
  /// A file that this library and `omar_rq.get_model` read: of the latter's pre-training, which it has to have, the
  /// published numbers.
  var gin: String {
    let lines = modules + representation + conformer + Self.preTraining
    return lines.map { "\($0.name) = \($0.value)\n" }.joined()
  }

  private typealias Binding = (name: String, value: String)

  private static let melName = "nets.melspectrogram.MelSpectrogram"
  private static let waveformName = "nets.waveform.Waveform"

  private var kind: String { mel == nil ? Self.waveformName : Self.melName }

  /// Whether `get_model` builds these patches of a representation that is not in a list.
  private var isAlone: Bool { mel?.patchFrames == Self.patchFrames && mel?.bands == Self.bands }

  private var modules: [Binding] {
    let modules: [Binding] = [
      ("build_module.representation", isAlone ? "@\(kind)" : "[@\(kind)]"),
      ("build_module.module", "@modules.maskingmodel.MaskingModel"),
      ("build_module.net", "@nets.conformer.Conformer"),
      ("build_module.ckpt_path", "\"\(OMARFolder.weightsName)\""),
    ]
    let input: Binding = ("modules.maskingmodel.MaskingModel.input_representation", "@\(kind)")
    return modules + (isAlone ? [] : [input])
  }

  private var representation: [Binding] {
    let common: [Binding] = [
      ("sr", "\(sampleRate)"), ("norm_mean", "\(mean)"), ("norm_std", "\(deviation)"),
    ]
    return (common + ofInput).map { ("\(kind).\($0.name)", $0.value) }
  }

  private var ofInput: [Binding] {
    switch input {
    case .waveform(let samples): [("patch_size", "(1, \(samples))")]
    case .mel(let mel):
      [
        ("win_len", "\(mel.fftLength)"), ("hop_len", "\(mel.hopLength)"), ("power", "2"),
        ("n_mel", "\(mel.bands)"), ("norm", mel.areaNormalized ? "\"slaney\"" : "None"),
        ("mel_scale", "\"\(mel.scale.rawValue)\""),
        ("patch_size", "(\(mel.bands), \(mel.patchFrames))"),
        ("stretch_factor", "1"), ("freq_mask_param", "0"), ("time_mask_param", "0"),
      ]
    }
  }

  private var conformer: [Binding] {
    let bindings: [Binding] = [
      ("embed_dim", "\(width)"), ("depth", "\(layers)"), ("conv_kernel_size", "\(Self.kernel)"),
      ("num_heads", "\(heads)"), ("mlp_ratio", "\(feedForwardRatio)"),
      ("mlp_residual_factor", "\(residualFactor)"), ("dropout", "\(dropout)"),
      ("input_dropout", "\(inputDropout)"), ("use_deepnorm", "True"),
      ("alpha_deepnorm", "\(attentionResidualFactor)"), ("beta_deepnorm", "\(initialScale)"),
      ("use_rope", "True"), ("num_patches", "None"),
    ]
    return bindings.map { ("nets.conformer.Conformer.\($0.name)", $0.value) }
  }

  /// What `omar_rq` multiplies by the width and truncates. 352 · (960 / 352) is less than 960 in Double.
  private var feedForwardRatio: Double {
    var ratio = Double(feedForwardWidth) / Double(width)
    while Int(Double(width) * ratio) < feedForwardWidth { ratio = ratio.nextUp }
    return ratio
  }

  private static var preTraining: [Binding] {
    let bindings: [Binding] = [
      ("num_codebooks", "1"), ("codebook_size", "8192"), ("codebook_dim", "16"), ("lr", "1e-4"),
      ("weight_decay", "1e-2"), ("mask_seconds", "0.4"), ("mask_prob", "0.6"), ("seed", "0"),
      ("diff_input", "False"),
    ]
    return bindings.map { ("modules.maskingmodel.MaskingModel.\($0.name)", $0.value) }
  }
}
