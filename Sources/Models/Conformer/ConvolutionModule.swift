import Tensor

/// What lets a frame of a Conformer see its neighbours: a gated map, a depthwise convolution over time, a norm,
/// an activation and a map, `[B, T, D] -> [B, T, D]`.
///
/// The norm before it belongs to the layer. Maps and convolution have no bias, unless it is asked for.
///
/// Source: Gulati et al. 2020, 2.2; `Wav2Vec2ConformerConvolutionModule` of `transformers`; with biases OMAR-RQ.
public struct ConvolutionModule: Module {
  /// What normalises the convolution's result.
  public enum Norm: String, Codable, Sendable, CaseIterable {
    /// Each channel over all frames of a batch: it depends on the other rows, and needs many.
    case batch
    /// Each frame over its channels.
    case layer
  }

  /// To both halves of the gate, `[2 D, D]`.
  public var expansion: Linear
  /// Each channel over time, `[D, K, 1]`.
  public var depthwise: Conv1d
  /// Of the convolution's result.
  public var norm: any FrameNorm
  /// Back to frames, `[D, D]`.
  public var output: Linear
  /// After the norm.
  public let activation: Activation

  /// Weights and taps from U(±1/√in), PyTorch's default.
  ///
  /// - Parameters:
  ///   - width: `D`
  ///   - kernel: Taps of the convolution, `K`.
  ///   - norm: What normalises its result.
  ///   - activation: What follows the norm.
  ///   - context: Whether a frame sees frames after it.
  ///   - hasBias: Whether the maps and the convolution have a bias.
  ///   - epsilon: Added to the norm's variance.
  ///   - generator: Draws the initial weights.
  public init(
    width: Int, kernel: Int, norm: Norm = .batch, activation: Activation = .silu,
    context: AttentionContext = .all, hasBias: Bool = false, epsilon: Float = 1e-5,
    using generator: inout some RandomNumberGenerator
  ) {
    expansion = .uniform(from: width, to: 2 * width, hasBias: hasBias, using: &generator)
    depthwise = Conv1d(
      from: width, to: width, kernel: kernel,
      padding: context == .causal ? .causal(kernel: kernel) : .same(kernel: kernel),
      groups: width, hasBias: hasBias, using: &generator)
    self.norm =
      norm == .batch
      ? BatchNorm(channels: width, epsilon: epsilon) : LayerNorm(width: width, epsilon: epsilon)
    self.activation = activation
    output = .uniform(from: width, to: width, hasBias: hasBias, using: &generator)
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`, normalised.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`, before dropout and the residual sum.
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    output(activation(norm(depthwise(expansion(x).glu()), in: pass)))
  }

  /// Both maps, the taps and the norm; it keeps both halves of the gate, and what enters the convolution, the
  /// norm and the activation.
  public static func cost(width: Int, kernel: Int, hasBias: Bool = false) -> BlockCost {
    let taps = BlockCost(
      parameters: width * kernel + (hasBias ? width : 0), tensors: hasBias ? 2 : 1,
      products: width * kernel)
    let maps =
      Linear.cost(from: width, to: 2 * width, hasBias: hasBias)
      + Linear.cost(from: width, to: width, hasBias: hasBias)
    return (maps + taps + BatchNorm.cost(channels: width)).keeping(5 * width)
  }

  /// Shows maps, taps and norm.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("expansion", &expansion)
    visitor.child("depthwise", &depthwise)
    visitor.child("norm", &norm)
    visitor.child("output", &output)
  }
}
