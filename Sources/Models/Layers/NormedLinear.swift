import Tensor

/// An affine map whose rows have a length of their own: `y = x Wᵀ + b` with
/// `W[o] = gain[o] · v[o] / ‖v[o]‖`.
///
/// Source: Salimans and Kingma 2016, weight normalisation; a 1×1 convolution over frames is this map.
public struct NormedLinear: Module {
  /// The lengths of the rows, `[out]`.
  public var gain: Tensor
  /// Rows of any length, `v`, `[out, in]`.
  public var direction: Tensor
  /// `[out]`
  public var bias: Tensor

  /// - Parameters:
  ///   - gain: `[out]`
  ///   - direction: `[out, in]`
  ///   - bias: `[out]`
  public init(gain: Tensor, direction: Tensor, bias: Tensor) {
    (self.gain, self.direction, self.bias) = (gain, direction, bias)
  }

  /// Directions and bias from U(±1/√in), gains the lengths of the directions: PyTorch's default.
  public init(
    from input: Int, to output: Int, using generator: inout some RandomNumberGenerator
  ) {
    direction = .initial([output, input], fanIn: input, using: &generator)
    gain = direction.squared().sum(axis: 1).squareRoot()
    bias = .initial([output], fanIn: input, using: &generator)
  }

  /// - Parameter x: `[..., in]`
  /// - Returns: `[..., out]`
  public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight, bias: bias) }

  /// `W`, `[out, in]`.
  private var weight: Tensor {
    direction.folded(with: gain) { direction, gain in
      let lengths = direction.squared().sum(axis: 1, keepingDims: true).squareRoot()
      return direction * (gain.reshaped([gain.elementCount, 1]) / lengths)
    }
  }

  /// Shows gain, direction and bias. The gain is a weight: it is the length of one.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("gain", &gain)
    visitor.parameter("direction", &direction)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
