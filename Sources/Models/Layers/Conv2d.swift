import Tensor

/// A convolution over time and frequency, channels last: `[B, T, F, I] -> [B, T', F', O]`, see
/// `Tensor.conv2d`.
public struct Conv2d: Module {
  /// `[O, K, L, I]`; with a gain its direction alone counts.
  public var weight: Tensor
  /// The length of each output channel's weight, `[O]`; nil takes the weights as they are.
  public var gain: Tensor?
  /// `[O]`; nil adds nothing.
  public var bias: Tensor?
  /// How the windows lie over time.
  public let time: ConvolutionAxis
  /// How the windows lie over frequency.
  public let frequency: ConvolutionAxis

  /// Weights and biases from U(±1/√(K L I)), PyTorch's default. A gain is the length of its weight.
  ///
  /// - Parameters:
  ///   - input: Channels that enter, `I`.
  ///   - output: Channels that leave, `O`.
  ///   - kernel: Taps over time and over frequency, `K` and `L`.
  ///   - time: Stride, dilation and zeros over time.
  ///   - frequency: Stride, dilation and zeros over frequency.
  ///   - hasBias: Whether a bias is added.
  ///   - hasGain: Whether weight norm gives the weight of each output channel a length of its own.
  ///   - generator: Draws the initial weights.
  public init(
    from input: Int, to output: Int, kernel: (time: Int, frequency: Int),
    time: ConvolutionAxis = ConvolutionAxis(), frequency: ConvolutionAxis = ConvolutionAxis(),
    hasBias: Bool = true, hasGain: Bool = false, using generator: inout some RandomNumberGenerator
  ) {
    let fanIn = kernel.time * kernel.frequency * input
    weight = .initial(
      [output, kernel.time, kernel.frequency, input], fanIn: fanIn, using: &generator)
    gain = hasGain ? weight.rowLengths : nil
    bias = hasBias ? .initial([output], fanIn: fanIn, using: &generator) : nil
    (self.time, self.frequency) = (time, frequency)
  }

  /// - Parameter x: `[B, T, F, I]`
  /// - Returns: `[B, T', F', O]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.conv2d(weight: weight.lengthened(to: gain), bias: bias, time: time, frequency: frequency)
  }

  /// Shows `weight`, `gain` and `bias`. The gain is a weight: it is the length of one.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("gain", &gain)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
