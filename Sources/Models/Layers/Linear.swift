import Tensor

/// An affine map of the last axis: `y = x Wᵀ + b`.
public struct Linear: Module {
  /// `[out, in]`
  public var weight: Tensor
  /// `[out]`
  public var bias: Tensor

  /// - Parameters:
  ///   - weight: `[out, in]`
  ///   - bias: `[out]`
  public init(weight: Tensor, bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

  /// Weights from N(0, 0.02²), bias 0: the transformer's linear maps.
  ///
  /// Source: BERT; fairseq `init_bert_params`.
  public init(from input: Int, to output: Int, using generator: inout some RandomNumberGenerator) {
    self.init(
      weight: .initial([output, input], deviation: 0.02, using: &generator),
      bias: .zeros([output]))
  }

  /// Weights and bias from U(±1/√in): linear maps outside of the transformer, such as heads.
  ///
  /// Source: PyTorch's default.
  public static func uniform(
    from input: Int, to output: Int, using generator: inout some RandomNumberGenerator
  ) -> Linear {
    Linear(
      weight: .initial([output, input], fanIn: input, using: &generator),
      bias: .initial([output], fanIn: input, using: &generator))
  }

  /// - Parameters:
  ///   - x: `[..., in]`
  ///   - activating: Whether GELU follows.
  /// - Returns: `[..., out]`
  public func callAsFunction(_ x: Tensor, activating: Bool = false) -> Tensor {
    x.linear(weight: weight, bias: bias, activating: activating)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
