import Files
import Foundation
import Models
import Tensor

/// `config.json` of MERT-v2. Keys are the properties in snake case.
struct MERT2Config: Codable {
  var modelType: String?
  var architectures: [String]?
  var autoMap: [String: String]?
  var samplingRate: Int
  var nFft: Int
  var winLength: Int
  var hopLength: Int
  var numMelBins: Int
  var subsamplingChannels: [Int]
  var subsamplingDepths: [Int]
  var subsamplingLayerNormEps: Float
  var hiddenSize: Int
  var numHiddenLayers: Int
  var numAttentionHeads: Int
  var intermediateSize: Int
  var convDepthwiseKernelSize: Int
  var layerNormEps: Float
  var rotaryEmbeddingBase: Double

  /// Its code has three stages of these strides.
  private static let timeStrides = [1, 2, 2]

  /// The encoder that computes what this file describes.
  /// - Throws: `ModelError.setting` for what is not built here.
  func encoderConfig() throws(ModelError) -> MelEncoder.Config {
    try expect(winLength == nFft, "win_length", winLength, "n_fft, \(nFft)")
    try expect(subsamplingChannels.count == 3, "subsampling_channels", subsamplingChannels, "three")
    try expect(
      subsamplingChannels[0] == numMelBins, "subsampling_channels", subsamplingChannels,
      "as many at first as num_mel_bins")
    try expect(
      subsamplingChannels[2] == hiddenSize, "subsampling_channels", subsamplingChannels,
      "as many at last as hidden_size")
    var config = MelEncoder.Config.mert2
    config.sampleRate = samplingRate
    var mel = SpectrumInput.MelBands()
    (mel.bands, mel.fftLength) = (numMelBins, nFft)
    (config.input.mel, config.input.hopLength) = (mel, hopLength)
    var frontEnd = ConvNeXtSubsampling.Config()
    (frontEnd.channels, frontEnd.layers) = (subsamplingChannels, subsamplingDepths)
    (frontEnd.timeStrides, frontEnd.normEpsilon) = (Self.timeStrides, subsamplingLayerNormEps)
    config.frontEnd.convNeXt = frontEnd
    (config.width, config.layers, config.heads) = (hiddenSize, numHiddenLayers, numAttentionHeads)
    (config.feedForwardWidth, config.kernel) = (intermediateSize, convDepthwiseKernelSize)
    (config.normEpsilon, config.rotary.base) = (layerNormEps, rotaryEmbeddingBase)
    return config
  }

  private func expect<Value>(
    _ holds: Bool, _ name: String, _ value: Value, _ allowed: String
  ) throws(ModelError) {
    if !holds { throw .setting(name, problem: "\(value) is not built here, only \(allowed)") }
  }

  /// - Throws: `ModelError.setting` if MERT-v2 does not compute the same.
  init(_ config: MelEncoder.Config) throws(ModelError) {
    guard let frontEnd = config.frontEnd.convNeXt, frontEnd.timeStrides == Self.timeStrides,
      frontEnd.channels.first == config.input.bands, frontEnd.channels.last == config.width
    else {
      throw .setting(
        "encoder.frontEnd",
        problem:
          "MERT-v2 has ConvNeXt layers of strides 1, 2 and 2 from the bands to the width alone")
    }
    // As `m-a-p` publishes them: the names of the files with MERT-v2's code, which are not ours to copy.
    (modelType, architectures) = ("mert2", ["MERT2Model"])
    autoMap = [
      "AutoConfig": "configuration_mert2.MERT2Config", "AutoModel": "modeling_mert2.MERT2Model",
    ]
    (samplingRate, hopLength) = (config.sampleRate, config.input.hopLength)
    let mel = config.input.chosenMel
    (nFft, winLength, numMelBins) = (mel.fftLength, mel.fftLength, mel.bands)
    (subsamplingChannels, subsamplingDepths) = (frontEnd.channels, frontEnd.layers)
    subsamplingLayerNormEps = frontEnd.normEpsilon
    (hiddenSize, numHiddenLayers) = (config.width, config.layers)
    (numAttentionHeads, intermediateSize) = (config.heads, config.feedForwardWidth)
    convDepthwiseKernelSize = config.kernel
    (layerNormEps, rotaryEmbeddingBase) = (config.normEpsilon, config.rotary.base)
    let again = try encoderConfig().training(as: config)
    guard again.writtenOut == config.writtenOut else {
      throw .setting(
        "encoder",
        problem:
          "MERT-v2 has GELU, layer norms in its convolutions, rotary queries and keys by halves, a residual "
          + "factor of 0.5, statistics of each band and no norm after the last layer alone")
    }
  }
}

extension MelEncoder.Config {
  /// What MERT-v2 has in common in every size.
  fileprivate static var mert2: MelEncoder.Config {
    var config = MelEncoder.Config()
    config.input.statistics = .perBand
    config.activation = .gelu
    (config.convolutionNorm, config.finalNorm) = (.layer, false)
    config.rotary = Rotary()
    (config.dropout, config.attentionDropout, config.activationDropout) = (0, 0, 0)
    return config
  }
}

/// `preprocessor_config.json` of MERT-v2, whose code takes waveforms as they are and masks of what is padded.
private struct MERT2Preprocessor: Encodable {
  let featureExtractorType = "Wav2Vec2FeatureExtractor"
  let featureSize = 1
  let samplingRate: Int
  let doNormalize = false
  let returnAttentionMask = true
  let paddingSide = "right"
  let paddingValue: Float = 0
}

/// A folder of MERT-v2: `config.json`, `model.safetensors` and, if it is written here, `preprocessor_config.json`.
enum MERT2Folder {
  /// The numbers of its encoder, without the weights.
  static func config(of folder: URL) throws -> MelEncoder.Config {
    try MelFolder.checkedConfig(at: folder.appendingPathComponent(MelFolder.configName)) { url in
      let foreign: MERT2Config = try ForeignJSON.decode(url)
      return try foreign.encoderConfig()
    }
  }

  static func read(_ folder: URL) throws -> MelEncoder {
    let url = folder.appendingPathComponent(MelFolder.configName)
    let foreign: MERT2Config = try ForeignJSON.decode(url)
    do {
      return try MelWeights(
        Weights(folder: folder), config: foreign.encoderConfig(), describedBy: url
      ).encoder { weights, encoder in
        encoder.drawMaskEmbedding()
        try MERT2Names.load(weights, into: &encoder)
      }
    } catch ModelError.setting(let name, let problem) {
      throw ModelError.file(url.path, problem: "\(name): \(problem)")
    }
  }

  static func write(_ encoder: MelEncoder, to folder: URL) throws {
    let config = try MERT2Config(encoder.config)
    try encoder.state.checkFinite(beforeWriting: folder)
    try MelFolder.write(
      MERT2Names.export(encoder), config,
      preprocessor: MERT2Preprocessor(samplingRate: config.samplingRate), to: folder)
  }
}
