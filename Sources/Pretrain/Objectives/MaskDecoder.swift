import Models
import Settings
import Tensor

/// data2vec 2.0's decoder: it fills the places of masked frames, which the encoder never got, and lets neighbours
/// tell what belongs there.
///
/// `x₀` holds the encoder's output at the kept frames, and noise at the masked ones. Layer `i` is
/// `x_i = x_{i-1} + gelu(norm(conv(x_{i-1})))`, with a grouped convolution over the frames and a layer norm without
/// parameters; the sum is left out where the widths differ, in the first layer as a rule.
///
/// Source: Baevski et al. 2023, 3.1; fairseq `Decoder1d`. Its last linear map is that of the head that has the
/// decoder.
public struct MaskDecoder: Module {
  /// The numbers of a recipe's `objective.regression.decoder`; data2vec 2.0's unless set.
  public struct Config: Configuration {
    /// Channels of a frame in the decoder.
    public var width = 384
    /// Number of convolutions.
    public var layers = 4
    /// Taps of each convolution, in frames; odd.
    public var kernel = 7
    /// Groups of channels; divides `width` and the encoder's.
    public var groups = 16
    /// Probability of dropping a value of what enters it.
    public var inputDropout: Float = 0.1

    /// data2vec 2.0's numbers.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("width", width, in: 1...AudioEncoder.Config.mostChannels)
      try require("layers", layers, in: 1...AudioEncoder.Config.mostLayers)
      try require("kernel", kernel, in: 1...65_535)
      try require("groups", groups, in: 1...AudioEncoder.Config.mostChannels)
      try require("inputDropout", inputDropout, in: 0..<1)
      try require(kernel % 2 == 1, "kernel", "\(kernel) taps have no middle; take an odd number")
      try require(
        width % groups == 0, "groups", "\(groups) does not divide the decoder's width \(width)",
        against: ["width"])
    }
  }

  /// From first to last.
  public var layers: [Conv1d]

  /// Weights and biases from U(±1/√(K I / groups)).
  ///
  /// - Parameters:
  ///   - config: The numbers.
  ///   - width: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, from width: Int, using generator: inout some RandomNumberGenerator)
  {
    layers = []
    for layer in 0..<config.layers {
      layers.append(
        Conv1d(
          from: layer == 0 ? width : config.width, to: config.width, kernel: config.kernel,
          padding: .both(config.kernel / 2), groups: config.groups, using: &generator))
    }
  }

  /// - Parameters:
  ///   - kept: The encoder's output at the frames that the views keep, `[views · kept, D]`.
  ///   - views: Which these are, and what fills the others.
  /// - Returns: The decoder's output at the masked frames, `[masked, width]`.
  public func callAsFunction(_ kept: Tensor, filling views: MaskedViews) -> Tensor {
    let masked = views.masked
    let count = masked.rows * masked.frames
    let whole =
      kept.placingRows(at: masked.flatUnmasked, of: count)
      + views.filling.placingRows(at: masked.flat, of: count)
    let x = layers.reduce(whole.reshaped([masked.rows, masked.frames, kept.shape[1]])) { x, layer in
      let y = layer(x).layerNorm(weight: nil, bias: nil).gelu()
      return y.shape == x.shape ? x + y : y
    }
    return x.reshaped([count, x.shape[2]]).gatheringRows(masked.flat)
  }

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
  }
}

extension MaskDecoder.Config {
  /// What its layers cost at one frame of a view, masked or not. Each convolution keeps its input in groups and what its
  /// norm and GELU need.
  package func cost(from input: Int) -> BlockCost {
    (0..<layers).reduce(BlockCost()) { cost, layer in
      let channels = layer == 0 ? input : width
      let taps = width * (channels / groups) * kernel
      return cost
        + BlockCost(
          parameters: taps + width, tensors: 2, products: taps, kept: channels + 3 * width)
    }
  }
}
