import Models
import Settings
import Tensor

/// A small net along the pitch axis: what it computes of a transposed spectrum is what it computes of the spectrum,
/// shifted by as many bins, but for bins near the ends. The bins at the ends go on beyond them, so that silence there changes
/// nothing.
///
/// Each frame is brought to mean 0 and variance 1 over its bins. Then `layers` convolutions over the bins follow, each
/// with GELU and from the second on added to what entered it, and a map of the channels of a bin to one number.
///
/// Source: the first layers of PESTO (Riou et al. 2023). There the norm has parameters for each bin, which are not
/// equivariant, and more maps of single bins follow.
public struct PitchConvolutions: Module {
  /// The numbers of a recipe's `net`.
  public struct Config: Configuration {
    /// Channels of a bin in the net.
    public var channels = 8
    /// Taps of each convolution, in bins; odd.
    public var kernel = 9
    /// Number of convolutions.
    public var layers = 2

    /// Two layers of eight channels.
    public init() {}

    /// Checks ranges.
    public func validate() throws(InvalidSetting) {
      try require("channels", channels, in: 1...4_096)
      try require("kernel", kernel, in: 1...1_023)
      try require("layers", layers, in: 1...100)
      try require(kernel % 2 == 1, "kernel", "\(kernel) taps have no middle; take an odd number")
    }
  }

  /// From first to last.
  public var layers: [Conv1d]
  /// From the channels of a bin to one number.
  public var output: Conv1d

  /// Weights and biases from U(±1/√in).
  public init(_ config: Config, using generator: inout some RandomNumberGenerator) {
    layers = []
    for layer in 0..<config.layers {
      layers.append(
        Conv1d(
          from: layer == 0 ? 1 : config.channels, to: config.channels, kernel: config.kernel,
          using: &generator))
    }
    output = Conv1d(from: config.channels, to: 1, kernel: 1, using: &generator)
  }

  /// - Parameter spectra: Logarithmic magnitudes at equal distances in pitch, `[N, bins]`.
  /// - Returns: `[N, bins]`
  public func callAsFunction(_ spectra: Tensor) -> Tensor {
    let shape = spectra.shape
    var x = spectra.layerNorm(weight: nil, bias: nil).reshaped([shape[0], shape[1], 1])
    for (number, layer) in layers.enumerated() {
      let reach = Padding.both(layer.weight.shape[1] / 2)
      let y = layer(x.padded(reach, mode: .replicate), activating: true)
      x = number == 0 ? y : x + y
    }
    return output(x).reshaped(shape)
  }

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
    visitor.child("output", &output)
  }
}

extension PitchConvolutions.Config {
  /// What the net costs over the bins of one frame.
  func cost(bins: Int) -> BlockCost {
    let taps = (0..<layers).map { ($0 == 0 ? 1 : channels) * kernel * channels }.reduce(0, +)
    return BlockCost(
      parameters: taps + layers * channels + channels + 1, tensors: 2 * layers + 2,
      products: bins * (taps + channels), kept: bins * (1 + 2 * channels * layers))
  }
}
