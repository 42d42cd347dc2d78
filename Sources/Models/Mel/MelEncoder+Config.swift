import Models
import Settings
import Tensor

extension MelEncoder {
  /// The numbers that make an encoder. The defaults are those of MusicFM and MuQ.
  ///
  /// Source: Won et al. 2024; Zhu et al. 2025; `Wav2Vec2ConformerConfig` of `transformers`.
  public struct Config: Configuration {
    /// Sample rate of the waveform, in Hz.
    public var sampleRate = 24_000
    /// The spectrum that enters.
    public var input = SpectrumInput.Config()
    /// What makes fewer and wider frames of mel frames.
    public var frontEnd = FrontEnd()
    /// Channels of a frame in the layers, `D`.
    public var width = 1024
    /// Number of layers.
    public var layers = 12
    /// Attention heads of a layer; divides `width`.
    public var heads = 16
    /// Channels inside a feed-forward block.
    public var feedForwardWidth = 4096
    /// What bends the numbers inside a feed-forward block and after the norm of a layer's convolution.
    public var activation = Activation.silu
    /// What the feed-forward blocks are multiplied by before they are added.
    public var residualFactor: Float = 0.5
    /// Where the norm of attention stands.
    public var attentionNorm = ConformerLayer.AttentionNorm.before
    /// What enters attention is multiplied by this before attention is added to it.
    public var attentionResidualFactor: Float = 1
    /// Whether the maps to queries, keys and values have a bias.
    public var attentionBiases = true
    /// Taps of the depthwise convolution of a layer, in frames; odd unless it is causal.
    public var kernel = 31
    /// What normalises the result of that convolution.
    public var convolutionNorm = ConvolutionModule.Norm.batch
    /// Whether the maps around that convolution and the convolution itself have a bias.
    public var convolutionBiases = false
    /// Added to the variance in the norms of the layers and the norm after them.
    public var normEpsilon: Float = 1e-5
    /// Added to the variance in the norms before feed-forward blocks and convolution, and in that of the
    /// convolution's result; as in the others unless given.
    public var innerNormEpsilon: Float?
    /// Whether a norm stands after the last layer.
    public var finalNorm = true
    /// How frames are turned to show their time.
    public var rotary = Rotary.wav2Vec2Conformer
    /// Whether a layer sees no frame that is later than the one it computes.
    public var isCausal = false
    /// Whether that holds for the convolution of a layer; as for attention unless given.
    public var convolutionIsCausal: Bool?
    /// What the initial weights of the feed-forward blocks and of attention's values and output are multiplied by.
    public var initialScale: Float = 1
    /// Probability of dropping a value before each residual sum, and before the first layer unless `inputDropout`
    /// is given.
    public var dropout: Float = 0.1
    /// Probability of dropping a value before the first layer.
    public var inputDropout: Float?
    /// Probability of dropping an attention weight.
    public var attentionDropout: Float = 0.1
    /// Probability of dropping a value inside a feed-forward block.
    public var activationDropout: Float = 0.1

    /// MusicFM and MuQ.
    public init() {}
  }
}

extension MelEncoder.Config {
  /// Checks that an encoder can be built of checked parts.
  public func validate() throws(InvalidSetting) {
    try require("sampleRate", sampleRate, in: 1...1_000_000)
    try require("width", width, in: 1...AudioEncoder.Config.mostChannels)
    try require("layers", layers, in: 1...AudioEncoder.Config.mostLayers)
    try require("heads", heads, in: 1...AudioEncoder.Config.mostChannels)
    try require("feedForwardWidth", feedForwardWidth, in: 1...1_048_576)
    try require("residualFactor", residualFactor, in: 0...100)
    try require("attentionResidualFactor", attentionResidualFactor, in: 0...100)
    try require("initialScale", initialScale, in: 0...100)
    try require("kernel", kernel, in: 1...65_536)
    try require("normEpsilon", normEpsilon, in: 1e-12...1)
    if let innerNormEpsilon { try require("innerNormEpsilon", innerNormEpsilon, in: 1e-12...1) }
    for (name, value) in [
      ("dropout", dropout), ("inputDropout", inputDropout ?? dropout),
      ("attentionDropout", attentionDropout), ("activationDropout", activationDropout),
    ] {
      try require(name, value, in: 0..<1)
    }
    try require(
      convolutionContext == .causal || kernel % 2 == 1, "kernel",
      "\(kernel) taps have no middle; only a causal convolution takes an even number",
      against: ["isCausal", "convolutionIsCausal"])
    let reach = frontEnd.chosen.timeStrides.reduce(Double(input.hopLength)) { $0 * Double($1) }
    try require(
      reach < 0x1p40, "frontEnd", "a frame would have more samples than a year",
      against: ["input.hopLength"])
    try require(
      width % heads == 0, "heads", "\(heads) does not divide the width \(width)",
      against: ["width"])
    do { try input.check(sampleRate: sampleRate) } catch { throw error.inside("input") }
    let depth = width / heads
    try require(
      (rotary.channels ?? depth) <= depth && (rotary.channels ?? depth) % 2 == 0, "rotary.channels",
      "\(rotary.channels ?? depth) are not pairs within the \(depth) channels of a head",
      against: ["width", "heads"])
  }

  /// Checks that an encoder can be built, part by part.
  /// - Throws: `ModelError.setting` with the first setting that does not fit, as a recipe names it.
  func check() throws(ModelError) {
    do throws(InvalidSetting) {
      do { try frontEnd.check() } catch { throw error.inside("frontEnd") }
      do { try rotary.validate() } catch { throw error.inside("rotary") }
      try validate()
    } catch {
      throw .setting("encoder.\(error.path)", problem: error.reason)
    }
  }

  /// One untrained layer.
  func layer(using generator: inout some RandomNumberGenerator) -> ConformerLayer {
    let first = feedForward(using: &generator)
    let attention = SelfAttention(
      width: width, heads: heads, dropout: attentionDropout, rotary: rotary,
      context: isCausal ? .causal : .all, hasInputBias: attentionBiases, using: &generator)
    let convolution = ConvolutionModule(
      width: width, kernel: kernel, norm: convolutionNorm, activation: activation,
      context: convolutionContext, hasBias: convolutionBiases,
      epsilon: innerNormEpsilon ?? normEpsilon, using: &generator)
    var layer = ConformerLayer(
      first: first, attention: attention, convolution: convolution,
      last: feedForward(using: &generator), residuals: residuals)
    if initialScale != 1 { layer.scaleBranches(by: initialScale) }
    return layer
  }

  private var convolutionContext: AttentionContext {
    convolutionIsCausal ?? isCausal ? .causal : .all
  }

  private var residuals: ConformerLayer.Residuals {
    ConformerLayer.Residuals(
      feedForward: residualFactor, attention: attentionResidualFactor,
      attentionNorm: attentionNorm, dropout: dropout, epsilon: normEpsilon,
      innerEpsilon: innerNormEpsilon)
  }

  private func feedForward(
    using generator: inout some RandomNumberGenerator
  ) -> any FeedForward {
    activation.feedForward.init(
      width: width, inner: feedForwardWidth, dropout: activationDropout, using: &generator)
  }
}

extension MelEncoder.Config: EncoderConfiguration {
  /// A waveform is taken as it is.
  public var normalizesWaveform: Bool { false }
  /// The hop of the mel frames times the strides of the convolutions.
  public var stride: Int { input.hopLength * frontEnd.chosen.stride }
  /// The hop of the mel frames.
  public var featureStride: Int { input.hopLength }
  /// The samples without which there is no frame. What a frame depends on reaches further, on both sides: the
  /// window of a transform and the padded convolutions.
  public var receptiveField: Int { sampleCount(frames: 1) }
  /// Between the first and the last of the mel frames that make a frame, each of which is centred on a multiple of the
  /// hop; one of samples in the middle of them.
  public var firstCentre: Double {
    let hops = frontEnd.chosen.melFrameCount(frames: 1) - 1
    return Double(hops * input.hopLength + (input.takesSamples ? input.hopLength - 1 : 0)) / 2
  }
  /// Frames of a waveform of so many samples.
  public func frameCount(samples: Int) -> Int {
    frontEnd.chosen.frameCount(input.frameCount(samples: samples))
  }
  /// The fewest samples that make so many frames.
  public func sampleCount(frames: Int) -> Int {
    input.sampleCount(frames: frontEnd.chosen.melFrameCount(frames: frames))
  }

  /// With the dropout and the scale of the initial weights of another configuration.
  public func training(as other: Self) -> Self {
    var copy = self
    (copy.dropout, copy.attentionDropout) = (other.dropout, other.attentionDropout)
    (copy.inputDropout, copy.activationDropout) = (other.inputDropout, other.activationDropout)
    copy.initialScale = other.initialScale
    return copy
  }

  /// With the bands and the front end that there are unless others are given, and what follows other settings.
  public var writtenOut: Self {
    var copy = self
    (copy.input, copy.frontEnd) = (input.writtenOut, frontEnd.writtenOut)
    copy.innerNormEpsilon = innerNormEpsilon ?? normEpsilon
    copy.convolutionIsCausal = convolutionIsCausal ?? isCausal
    copy.inputDropout = inputDropout ?? dropout
    copy.rotary = rotary.writtenOut(depth: width / heads)
    return copy
  }

  /// The untrained encoder of these numbers.
  /// - Throws: `ModelError.setting`.
  public func untrained(
    using generator: inout some RandomNumberGenerator
  ) throws(ModelError) -> any Encoder {
    try MelEncoder(self, using: &generator)
  }
}
