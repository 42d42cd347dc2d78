import Tensor

/// Lets channels compete over a whole clip: `y = w ⊙ (x ⊙ r) + b + x`, where `r` is a channel's length over time
/// divided by the mean of all channels' lengths plus 1e-6.
///
/// A sample's output depends on its length, and on padding if there is any.
///
/// Source: Woo et al. 2023, ConvNeXt V2, equation 1 to 3, over time in place of a plane.
public struct GlobalResponseNorm: Module {
  /// `[C]`
  public var weight: Tensor
  /// `[C]`
  public var bias: Tensor

  /// Weight and bias 0: it changes nothing at first.
  public init(channels: Int) { (weight, bias) = (.zeros([channels]), .zeros([channels])) }

  /// Added to the squares of a length, whose root has no slope at 0.
  private static let leastSquare: Float = 1e-24

  /// - Parameter x: `[B, T, C]`
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let squares = x.squared().sum(axis: 1, keepingDims: true)
    let lengths = (squares + Self.leastSquare).squareRoot()  // [B, 1, C]
    let response = lengths / (lengths.mean(axis: 2, keepingDims: true) + 1e-6)
    let scale = (response * weight + 1).cast(to: x.dtype)
    return x * scale + bias.cast(to: x.dtype)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight, as: .scale)
    visitor.parameter("bias", &bias, as: .shift)
  }
}
