import Settings
import Tensor

extension AudioEncoder {
  /// The numbers that make an encoder. The defaults are those of MERT-95M: HuBERT base at 24 kHz.
  ///
  /// Source: HuBERT (Hsu et al. 2021) table 1; MERT (Li et al. 2024) appendix B.
  public struct Config: Configuration {
    /// Sample rate of the waveform, in Hz.
    public var sampleRate = 24_000
    /// Whether the waveform of each file as a whole is brought to mean 0 and variance 1. Belongs with
    /// `norm: layer` of the front end.
    public var normalizesWaveform = false
    /// The strided convolutions that turn the waveform into frames.
    public var frontEnd = ConvFeatureExtractor.Config()
    /// Layer norms around the projection of the front end's frames to the transformer's width.
    public var projectionNorm = ProjectionNorm.before
    /// Probability of dropping a value of a projected frame.
    public var inputDropout: Float = 0.1
    /// The positional convolution: it adds to each frame a sum over its neighbours.
    public var position = Position()
    /// How queries and keys are turned to show the time of their frames, in place of the positional convolution, which
    /// there is unless this is given.
    public var rotary: Rotary?
    /// Channels of a frame in the transformer, `D`.
    public var width = 768
    /// Number of transformer layers.
    public var layers = 12
    /// Attention heads of a layer; divides `width`.
    public var heads = 12
    /// Channels inside a feed-forward block.
    public var feedForwardWidth = 3072
    /// The kind of a feed-forward block.
    public var feedForward = FeedForwardKind.gelu
    /// Where the layer norms of a transformer layer are.
    public var normOrder = NormOrder.post
    /// Probability of dropping a value before the first layer and before each residual sum.
    public var dropout: Float = 0.1
    /// Probability of dropping an attention weight.
    public var attentionDropout: Float = 0.1
    /// Probability of dropping a value inside a feed-forward block.
    public var activationDropout: Float = 0
    /// Probability of skipping a layer in a step.
    public var layerDrop: Float = 0.05

    /// MERT-95M.
    public init() {}
  }

  /// How frames learn where they are: by grouped convolutions over their neighbours.
  public struct Position: Configuration {
    /// Taps of each convolution, in frames.
    public var kernel = 128
    /// Groups of channels; divides the encoder's `width`.
    public var groups = 16
    /// Number of convolutions in a row. One has normalised weights (HuBERT); of several each is plain and has a
    /// layer norm (data2vec: kernel 19, depth 5).
    public var depth = 1

    /// HuBERT.
    public init() {}
  }

  /// Where the layer norms about the projection sit.
  public enum ProjectionNorm: String, Codable, Sendable, CaseIterable {
    /// One before the projection, with a learned scale and shift.
    case before
    /// One before and one after the projection, without parameters; MERT's `do_cnn_feat_stable_layernorm`.
    case around
  }

  /// Where the layer norms of a transformer sit.
  public enum NormOrder: String, Codable, Sendable, CaseIterable {
    /// After each residual sum.
    case post
    /// Before each block, and once after the last layer.
    case pre
    /// After each residual sum, in which the input of a block is multiplied by (2 `layers`)^¼; initial weights
    /// of the blocks are divided by (8 `layers`)^¼. DeepNorm (Wang et al. 2022); MERT's `deepnorm`.
    case deep
  }
}

extension AudioEncoder.Config {
  /// The most transformer layers.
  public static let mostLayers = 1_000
  /// The most channels of anything.
  public static let mostChannels = 65_536

  /// Checks that an encoder can be built of checked parts.
  public func validate() throws(InvalidSetting) {
    try require("sampleRate", sampleRate, in: 1...1_000_000)
    try require("width", width, in: 1...Self.mostChannels)
    try require("layers", layers, in: 1...Self.mostLayers)
    try require("heads", heads, in: 1...Self.mostChannels)
    try require("feedForwardWidth", feedForwardWidth, in: 1...1_048_576)
    for (name, value) in [
      ("inputDropout", inputDropout), ("dropout", dropout), ("attentionDropout", attentionDropout),
      ("activationDropout", activationDropout), ("layerDrop", layerDrop),
    ] {
      try require(name, value, in: 0..<1)
    }
    try require(
      width % heads == 0, "heads", "\(heads) does not divide encoder.width \(width)",
      against: ["width"])
    if let rotary { return try validate(rotary) }
    try require(
      width % position.groups == 0, "position.groups",
      "\(position.groups) does not divide encoder.width \(width)", against: ["width"])
  }

  private func validate(_ rotary: Rotary) throws(InvalidSetting) {
    try require(
      position == AudioEncoder.Position(), "position",
      "has no effect beside rotary, which takes its place; leave one of them out",
      against: ["rotary"])
    let (depth, turned) = (width / heads, rotary.channels ?? width / heads)
    try require(
      turned <= depth && turned % 2 == 0, "rotary.channels",
      "\(turned) are not pairs within the \(depth) channels of a head", against: ["width", "heads"])
  }

  /// Checks that an encoder can be built, part by part.
  /// - Throws: `ModelError.setting` with the first setting that does not fit, as a recipe names it.
  func check() throws(ModelError) {
    do throws(InvalidSetting) {
      do { try frontEnd.validate() } catch { throw error.inside("frontEnd") }
      do { try position.validate() } catch { throw error.inside("position") }
      do { try rotary?.validate() } catch { throw error.inside("rotary") }
      try validate()
    } catch {
      throw .setting("encoder.\(error.path)", problem: error.reason)
    }
  }
}

extension AudioEncoder.Position {
  /// Counts.
  public func validate() throws(InvalidSetting) {
    try require("kernel", kernel, in: 1...AudioEncoder.Config.mostChannels)
    try require("groups", groups, in: 1...AudioEncoder.Config.mostChannels)
    try require("depth", depth, in: 1...1_000)
  }
}
