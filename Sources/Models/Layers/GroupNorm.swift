import Tensor

/// Normalises each sample over time and channels together, then scales and shifts each channel: group norm with one
/// group. A sample's output depends on its length, and on padding if there is any.
public struct GroupNorm: Module {
  /// `[C]`
  public var weight: Tensor
  /// `[C]`
  public var bias: Tensor
  /// Added to the variance.
  public let epsilon: Float

  /// Weight 1, bias 0.
  public init(channels: Int, epsilon: Float = 1e-5) {
    (weight, bias) = (.ones([channels]), .zeros([channels]))
    self.epsilon = epsilon
  }

  /// - Parameter x: `[B, T, C]`
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let rows = x.reshaped([x.shape[0], x.shape[1] * x.shape[2]])
    return rows.layerNorm(weight: nil, bias: nil, epsilon: epsilon).reshaped(x.shape) * weight
      + bias
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight, as: .scale)
    visitor.parameter("bias", &bias, as: .shift)
  }
}
