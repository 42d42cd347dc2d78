import Tensor

/// Gives frames their place by a convolution over their neighbours, which is added to the frames.
public protocol PositionalConvolution: Module {
  /// - Parameter x: Projected frames, `[B, T, D]`
  /// - Returns: What is added to them, `[B, T, D]`.
  func callAsFunction(_ x: Tensor) -> Tensor
}

/// One long convolution with normed weights, then GELU.
///
/// The weight of a tap has a length of its own: `w[:, k, :] = gain[k] · v[:, k, :] / ‖v[:, k, :]‖`.
/// An even kernel would yield `T + 1` frames; the last is dropped.
///
/// Source: wav2vec 2.0, HuBERT, MERT; weight norm over the taps.
public struct NormedPositionalConvolution: PositionalConvolution {
  /// The lengths of the taps, `[K]`.
  public var gain: Tensor
  /// Of any length, `[D, K, D / groups]`.
  public var direction: Tensor
  /// `[D]`
  public var bias: Tensor
  /// Groups of channels; divides `D`.
  public let groups: Int

  /// Directions from N(0, 4 / (K D)), gains their lengths, bias 0.
  ///
  /// - Parameters:
  ///   - width: Channels, `D`.
  ///   - kernel: Taps, `K`.
  ///   - groups: Groups of channels; divides `width`.
  ///   - generator: Draws the initial weights.
  public init(
    width: Int, kernel: Int, groups: Int, using generator: inout some RandomNumberGenerator
  ) {
    let deviation = (4 / Float(kernel * width)).squareRoot()
    direction = .initial([width, kernel, width / groups], deviation: deviation, using: &generator)
    gain = Self.tapNorms(of: direction)
    bias = .zeros([width])
    self.groups = groups
  }

  /// - Parameter x: `[B, T, D]`
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.convolvedToSameLength(weight: weight, bias: bias, groups: groups, activating: true)
  }

  private var weight: Tensor {
    direction.folded(with: gain) { direction, gain in
      let norms = direction.squared().sum(axis: 2, keepingDims: true)
        .sum(axis: 0, keepingDims: true).squareRoot()  // [1, K, 1]
      return direction * (gain.reshaped([1, gain.elementCount, 1]) / norms)
    }
  }

  /// The lengths of the taps of a weight `[D, K, D / groups]`: `[K]`.
  static func tapNorms(of weight: Tensor) -> Tensor {
    weight.detached().squared().sum(axis: 2, keepingDims: false)
      .sum(axis: 0, keepingDims: false).squareRoot()
  }

  /// Shows gain, direction and bias. The gain is a weight: it is the length of one.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("gain", &gain)
    visitor.parameter("direction", &direction)
    visitor.parameter("bias", &bias, as: .bias)
  }
}

/// Several short convolutions one after the other, each with a layer norm without parameters and
/// GELU.
///
/// Source: Baevski et al. 2022 (data2vec); fairseq `make_conv_block` with `pos_conv_depth` 5.
public struct StackedPositionalConvolution: PositionalConvolution {
  /// One short convolution.
  public struct Layer: Module {
    /// `[D, K, D / groups]`
    public var weight: Tensor
    /// `[D]`
    public var bias: Tensor
    /// Groups of channels; divides `D`.
    public let groups: Int

    /// Weights and bias from U(±1/√(K D / groups)).
    public init(
      width: Int, kernel: Int, groups: Int, using generator: inout some RandomNumberGenerator
    ) {
      let fanIn = width / groups * kernel
      weight = .initial([width, kernel, width / groups], fanIn: fanIn, using: &generator)
      bias = .initial([width], fanIn: fanIn, using: &generator)
      self.groups = groups
    }

    /// - Parameter x: `[B, T, D]`
    /// - Returns: `[B, T, D]`
    public func callAsFunction(_ x: Tensor) -> Tensor {
      x.convolvedToSameLength(weight: weight, bias: bias, groups: groups)
        .layerNorm(weight: nil, bias: nil, epsilon: 1e-5).gelu()
    }

    /// Shows `weight` and `bias`.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("weight", &weight)
      visitor.parameter("bias", &bias, as: .bias)
    }
  }

  /// From first to last.
  public var layers: [Layer]

  /// - Parameters:
  ///   - width: Channels, `D`.
  ///   - kernel: Taps of each convolution, `K`.
  ///   - groups: Groups of channels; divides `width`.
  ///   - depth: How many convolutions.
  ///   - generator: Draws the initial weights.
  public init(
    width: Int, kernel: Int, groups: Int, depth: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    layers = []
    for _ in 0..<depth {
      layers.append(Layer(width: width, kernel: kernel, groups: groups, using: &generator))
    }
  }

  /// - Parameter x: `[B, T, D]`
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
  }
}

extension Tensor {
  /// A grouped convolution, padded so that as many frames leave as enter.
  fileprivate func convolvedToSameLength(
    weight: Tensor, bias: Tensor, groups: Int, activating: Bool = false
  ) -> Tensor {
    let y = conv1d(
      weight: weight, bias: bias, padding: .both(weight.shape[1] / 2), groups: groups,
      activating: activating)
    return y.shape[1] == shape[1] ? y : y.sliced(axis: 1, 0..<shape[1])
  }
}
