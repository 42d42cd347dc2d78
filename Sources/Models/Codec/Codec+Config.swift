import Settings
import Tensor

extension Codec {
  /// The numbers that make a codec. The defaults are those of EnCodec at 24 kHz.
  ///
  /// Source: Défossez et al. 2022 (EnCodec), §3.1; `transformers` `EncodecConfig`.
  public struct Config: Configuration {
    /// Sample rate of the waveform, in Hz.
    public var sampleRate = 24_000
    /// Channels of the waveform: 1 is mono, 2 is stereo.
    public var channels = 1
    /// Channels of a latent, which is also the width of a codebook's vectors.
    public var width = 128
    /// Channels of the first convolution. Each stage of the encoder doubles them.
    public var filters = 32
    /// Stride of each of the encoder's stages. The product of all is the number of samples of a frame: 320.
    public var strides = [2, 4, 5, 8]
    /// Taps of the first convolution of encoder and decoder.
    public var kernel = 7
    /// Taps of the last convolution of encoder and decoder.
    public var lastKernel = 7
    /// Taps of the first convolution of a residual unit.
    public var residualKernel = 3
    /// Residual units of a stage.
    public var residualUnits = 1
    /// Factor of the dilation from one residual unit of a stage to the next.
    public var dilationGrowth = 2
    /// What a residual unit divides its channels by between its two convolutions.
    public var compression = 2
    /// Layers of the LSTM at the frame rate; 0 leaves it out.
    public var lstmLayers = 2
    /// Whether a frame depends only on samples before its end: all padding is on the left.
    public var isCausal = true
    /// What is normalised.
    public var norm = Norm.weight
    /// What the signal is extended by at its ends.
    public var paddingMode = PaddingMode.reflect
    /// Whether the shortcut of a residual unit is a learned convolution of one tap rather than the input itself.
    public var hasShortcutConvolution = true
    /// Share of the frames a transposed convolution yields too many that is cut off at its end rather than at its
    /// start; other than 1 only in a causal model.
    public var trimRightRatio = 1.0
    /// The residual quantiser.
    public var quantizer = ResidualQuantizer.Config()
    /// Whether each chunk is divided by its root mean square before it is encoded; needs `chunkSeconds`.
    public var normalizesLoudness = false
    /// Length of the chunks that are encoded by themselves, in seconds; without it a file is encoded as a whole.
    public var chunkSeconds: Double?
    /// Share of a chunk that it has in common with the next; belongs with `chunkSeconds`.
    public var chunkOverlap: Double?

    /// EnCodec at 24 kHz.
    public init() {}
  }

  /// What a codec's convolutions normalise.
  public enum Norm: String, Codable, Sendable, CaseIterable {
    /// The weights: each has a length and a direction, both learned.
    case weight
    /// What a convolution computes, over all channels and the whole signal.
    case group
  }

  /// What a signal is extended by before a convolution.
  public enum PaddingMode: String, Codable, Sendable, CaseIterable {
    /// The signal mirrored at its ends.
    case reflect
    /// Zeros at its ends.
    case zeros
  }
}

extension Codec.Config {
  /// EnCodec's model of music and speech: mono, causal, 75 frames a second, up to 32 codebooks.
  public static let encodec24kHz = Codec.Config()

  /// EnCodec's model of music: stereo, 150 frames a second in chunks of a second, up to 16 codebooks.
  public static var encodec48kHz: Codec.Config {
    var config = Codec.Config()
    (config.sampleRate, config.channels, config.isCausal) = (48_000, 2, false)
    (config.norm, config.normalizesLoudness) = (.group, true)
    (config.chunkSeconds, config.chunkOverlap) = (1, 0.01)
    config.quantizer.codebooks = 16
    return config
  }

  /// MusicGen's: mono, 50 frames a second, 4 codebooks of 2048 entries.
  public static var musicGen32kHz: Codec.Config {
    var config = Codec.Config()
    (config.sampleRate, config.filters, config.strides) = (32_000, 64, [4, 4, 5, 8])
    (config.isCausal, config.hasShortcutConvolution) = (false, false)
    (config.quantizer.codebooks, config.quantizer.codes) = (4, 2048)
    return config
  }

  /// Ours, for training on a few cores: 16 filters, no LSTM, 8 codebooks.
  public static var small24kHz: Codec.Config {
    var config = Codec.Config()
    (config.filters, config.lstmLayers, config.quantizer.codebooks) = (16, 0, 8)
    return config
  }
}

extension Codec.Config {
  /// Samples from one frame to the next.
  public var stride: Int { strides.reduce(1, *) }
  /// Frames per second within a chunk.
  public var frameRate: Double { Double(sampleRate) / Double(stride) }
  /// Channels at the frame rate, inside encoder and decoder.
  var innerWidth: Int { filters << strides.count }

  /// Frames of a file of so many samples: `⌈samples / stride⌉`, of each chunk if it is encoded in chunks.
  public func frameCount(samples: Int) -> Int {
    chunks(samples: samples).reduce(0) { $0 + ($1.count + stride - 1) / stride }
  }

  /// The parts of a file that are encoded by themselves: all of it, or chunks that overlap, the last of which may be
  /// shorter.
  ///
  /// Source: `transformers` `EncodecModel.encode`.
  func chunks(samples: Int) -> [Range<Int>] {
    guard let chunk = chunkLength, let step = chunkStep else { return [0..<samples] }
    return Swift.stride(from: 0, to: samples, by: step).map { $0..<min($0 + chunk, samples) }
  }

  /// Samples of a chunk; nil if a file is encoded as a whole.
  var chunkLength: Int? { chunkSeconds.map { max(1, Int($0 * Double(sampleRate))) } }

  /// Samples from the start of a chunk to that of the next.
  var chunkStep: Int? {
    guard let chunkLength, let chunkOverlap else { return nil }
    return max(1, Int((1 - chunkOverlap) * Double(chunkLength)))
  }
}

extension Codec.Config {
  /// The most channels of anything.
  public static let mostChannels = 65_536

  /// Checks that a codec can be built and that its frames can be counted.
  public func validate() throws(InvalidSetting) {
    try require("sampleRate", sampleRate, in: 1...1_000_000)
    try require("channels", channels, in: 1...2)
    try require("width", width, in: 1...Self.mostChannels)
    try require("filters", filters, in: 1...Self.mostChannels)
    try require(
      (1...12).contains(strides.count), "strides",
      "\(strides.count) stages are not between 1 and 12")
    try require("strides", strides, in: 1...1_000)
    try require("kernel", kernel, in: 1...1_000)
    try require("lastKernel", lastKernel, in: 1...1_000)
    try require("residualKernel", residualKernel, in: 1...1_000)
    try require("residualUnits", residualUnits, in: 0...16)
    try require("dilationGrowth", dilationGrowth, in: 1...16)
    try require("compression", compression, in: 1...Self.mostChannels)
    try require("lstmLayers", lstmLayers, in: 0...16)
    try require("trimRightRatio", trimRightRatio, in: 0...1)
    try checkSizes()
    try checkChunks()
  }

  private func checkSizes() throws(InvalidSetting) {
    try require(
      innerWidth <= Self.mostChannels, "filters",
      "\(strides.count) stages make \(innerWidth) channels of it; \(Self.mostChannels) are the most",
      against: ["strides"])
    try require(
      filters >= compression, "compression",
      "\(compression) leaves no channel of filters \(filters)",
      against: ["filters"])
    try require(
      strides.reduce(1) { $0 * Double($1) } <= 1_000_000, "strides",
      "a frame would have more than a million samples")
    try require(
      longestDilation <= 1_000, "dilationGrowth",
      "residualUnits \(residualUnits) have a dilation of more than 1000", against: ["residualUnits"]
    )
    try require(
      isCausal || trimRightRatio == 1, "trimRightRatio",
      "\(trimRightRatio) needs a causal model; others trim both ends alike", against: ["isCausal"])
  }

  private var longestDilation: Double {
    (1..<max(1, residualUnits)).reduce(1) { dilation, _ in dilation * Double(dilationGrowth) }
  }

  private func checkChunks() throws(InvalidSetting) {
    try require(
      (chunkSeconds == nil) == (chunkOverlap == nil), "chunkOverlap",
      "belongs with chunkSeconds; give both or neither", against: ["chunkSeconds"])
    if let chunkSeconds { try require("chunkSeconds", chunkSeconds, in: 0.001...3_600) }
    if let chunkOverlap { try require("chunkOverlap", chunkOverlap, in: 0...0.9) }
    try require(
      norm == .weight || chunkSeconds != nil, "chunkSeconds",
      "is needed with norm group, which otherwise depends on the whole file", against: ["norm"])
    try require(
      !normalizesLoudness || chunkSeconds != nil, "chunkSeconds",
      "is needed with normalizesLoudness, which otherwise depends on the whole file",
      against: ["normalizesLoudness"])
  }

  /// - Traps when: a setting is invalid.
  func requireValid() {
    do throws(InvalidSetting) {
      do { try quantizer.validate() } catch { throw error.inside("quantizer") }
      try validate()
    } catch {
      preconditionFailure("Codec: \(error)")
    }
  }
}
