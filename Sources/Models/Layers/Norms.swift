import Tensor

/// Normalises the last axis, then scales and shifts: `y = (x - mean) / √(var + ε) ⊙ w + b`.
public struct LayerNorm: Module {
  /// `[D]`
  public var weight: Tensor
  /// `[D]`
  public var bias: Tensor
  /// `ε`
  public let epsilon: Float

  /// Weight 1, bias 0.
  public init(width: Int, epsilon: Float = 1e-5) {
    (weight, bias) = (.ones([width]), .zeros([width]))
    self.epsilon = epsilon
  }

  /// - Parameter x: `[..., D]`
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// The norm of `x` and what a block made of it, in one pass: `norm(x + dropout(branch))`.
  ///
  /// - Parameters:
  ///   - x: `[B, ..., D]`
  ///   - branch: Same shape.
  ///   - mask: What is dropped of the branch.
  /// - Returns: Same shape.
  public func callAsFunction(
    _ x: Tensor, adding branch: Tensor, dropout mask: DropoutMask?
  ) -> Tensor {
    x.layerNorm(adding: branch, dropout: mask, weight: weight, bias: bias, epsilon: epsilon)
  }

  /// The sum of `x` and what a block made of it, and the norm of the sum, in one pass:
  /// `s = x + dropout(branch)` and `norm(s)`.
  ///
  /// - Parameters:
  ///   - x: `[B, ..., D]`
  ///   - branch: Same shape.
  ///   - mask: What is dropped of the branch.
  /// - Returns: Both of the same shape.
  public func sumAndNorm(
    _ x: Tensor, adding branch: Tensor, dropout mask: DropoutMask?
  ) -> (sum: Tensor, norm: Tensor) {
    x.sumAndLayerNorm(adding: branch, dropout: mask, weight: weight, bias: bias, epsilon: epsilon)
  }

  /// What a norm costs. What enters it is not among what it keeps.
  public static func cost(width: Int) -> BlockCost { BlockCost(parameters: 2 * width, tensors: 2) }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight, as: .scale)
    visitor.parameter("bias", &bias, as: .shift)
  }
}

/// Normalises every channel of every sample over time, then scales and shifts: group norm with one
/// group per channel. A sample's output depends on its length, and on padding if there is any.
public struct TimeNorm: Module {
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

  /// - Parameters:
  ///   - x: `[B, T, C]`
  ///   - activating: Whether GELU follows.
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor, activating: Bool = false) -> Tensor {
    x.normalizedOverTime(
      weight: weight, bias: bias, epsilon: epsilon, activating: activating)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight, as: .scale)
    visitor.parameter("bias", &bias, as: .shift)
  }
}
