import Tensor

/// The transpose of a convolution, which lengthens: `[B, T, I] -> [B, T', O]`, see
/// `Tensor.transposedConv1d`.
public struct TransposedConv1d: Module {
  /// `[I, K, O / groups]`
  public var weight: Tensor
  /// `[O]`; nil adds nothing.
  public var bias: Tensor?
  /// Frames from one window to the next.
  public let stride: Int
  /// Frames that are cut off at the ends of the result.
  public let trimming: Padding
  /// Frames from one tap to the next.
  public let dilation: Int
  /// Groups of channels, each convolved by itself.
  public let groups: Int

  /// Weights and bias from U(±1/√(K O / groups)), PyTorch's default.
  ///
  /// - Parameters:
  ///   - input: Channels that enter, `I`; a multiple of `groups`.
  ///   - output: Channels that leave, `O`; a multiple of `groups`.
  ///   - kernel: Taps, `K`.
  ///   - stride: Frames from one window to the next.
  ///   - trimming: Frames that are cut off at the ends of the result.
  ///   - dilation: Frames from one tap to the next.
  ///   - groups: Groups of channels, each convolved by itself.
  ///   - hasBias: Whether a bias is added.
  ///   - generator: Draws the initial weights.
  /// - Traps when: `groups` does not divide the channels.
  public init(
    from input: Int, to output: Int, kernel: Int, stride: Int = 1, trimming: Padding = .none,
    dilation: Int = 1, groups: Int = 1, hasBias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(
      groups >= 1 && input % groups == 0 && output % groups == 0,
      "TransposedConv1d: \(groups) groups do not divide \(input) and \(output) channels")
    let fanIn = output / groups * kernel
    weight = .initial([input, kernel, output / groups], fanIn: fanIn, using: &generator)
    bias = hasBias ? .initial([output], fanIn: fanIn, using: &generator) : nil
    (self.stride, self.trimming) = (stride, trimming)
    (self.dilation, self.groups) = (dilation, groups)
  }

  /// - Parameter x: `[B, T, I]`
  /// - Returns: `[B, T', O]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.transposedConv1d(
      weight: weight, bias: bias, stride: stride, trimming: trimming, dilation: dilation,
      groups: groups)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
