import Tensor

/// A convolution over time, channels last: `[B, T, I] -> [B, T', O]`, see `Tensor.conv1d`.
public struct Conv1d: Module {
  /// `[O, K, I / groups]`
  public var weight: Tensor
  /// `[O]`; nil adds nothing.
  public var bias: Tensor?
  /// Frames from one window to the next.
  public let stride: Int
  /// Zeros around the input.
  public let padding: Padding
  /// Frames from one tap to the next.
  public let dilation: Int
  /// Groups of channels, each convolved by itself.
  public let groups: Int

  /// Weights and bias from U(±1/√(K I / groups)), PyTorch's default.
  ///
  /// - Parameters:
  ///   - input: Channels that enter, `I`; a multiple of `groups`.
  ///   - output: Channels that leave, `O`; a multiple of `groups`.
  ///   - kernel: Taps, `K`.
  ///   - stride: Frames from one window to the next.
  ///   - padding: Zeros around the input.
  ///   - dilation: Frames from one tap to the next.
  ///   - groups: Groups of channels, each convolved by itself; `I` for a depthwise convolution.
  ///   - hasBias: Whether a bias is added.
  ///   - generator: Draws the initial weights.
  /// - Traps when: `groups` does not divide the channels.
  public init(
    from input: Int, to output: Int, kernel: Int, stride: Int = 1, padding: Padding = .none,
    dilation: Int = 1, groups: Int = 1, hasBias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(
      groups >= 1 && input % groups == 0 && output % groups == 0,
      "Conv1d: \(groups) groups do not divide \(input) and \(output) channels")
    let fanIn = input / groups * kernel
    weight = .initial([output, kernel, input / groups], fanIn: fanIn, using: &generator)
    bias = hasBias ? .initial([output], fanIn: fanIn, using: &generator) : nil
    (self.stride, self.padding) = (stride, padding)
    (self.dilation, self.groups) = (dilation, groups)
  }

  /// - Parameters:
  ///   - x: `[B, T, I]`
  ///   - activating: Whether GELU follows.
  /// - Returns: `[B, T', O]`
  public func callAsFunction(_ x: Tensor, activating: Bool = false) -> Tensor {
    x.conv1d(
      weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
      groups: groups, activating: activating)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
