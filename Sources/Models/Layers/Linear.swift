import Tensor

/// An affine map of the last axis: `y = x Wᵀ + b`.
public struct Linear: Module {
  /// `[out, in]`
  public var weight: Tensor
  /// `[out]`; nil adds nothing.
  public var bias: Tensor?

  /// - Parameters:
  ///   - weight: `[out, in]`
  ///   - bias: `[out]`
  public init(weight: Tensor, bias: Tensor? = nil) { (self.weight, self.bias) = (weight, bias) }

  /// Weights from N(0, 0.02²), bias 0: the transformer's linear maps.
  ///
  /// Source: BERT; fairseq `init_bert_params`.
  public init(
    from input: Int, to output: Int, hasBias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      weight: .initial([output, input], deviation: 0.02, using: &generator),
      bias: hasBias ? .zeros([output]) : nil)
  }

  /// Weights and bias from U(±1/√in): linear maps outside of the transformer, such as heads.
  ///
  /// Source: PyTorch's default.
  public static func uniform(
    from input: Int, to output: Int, hasBias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) -> Linear {
    Linear(
      weight: .initial([output, input], fanIn: input, using: &generator),
      bias: hasBias ? .initial([output], fanIn: input, using: &generator) : nil)
  }

  /// - Parameters:
  ///   - x: `[..., in]`
  ///   - activating: Whether GELU follows.
  /// - Returns: `[..., out]`
  public func callAsFunction(_ x: Tensor, activating: Bool = false) -> Tensor {
    x.linear(weight: weight, bias: bias, activating: activating)
  }

  /// What a map costs. What enters it is not among what it keeps.
  public static func cost(from input: Int, to output: Int, hasBias: Bool = true) -> BlockCost {
    BlockCost(
      parameters: output * input + (hasBias ? output : 0), tensors: hasBias ? 2 : 1,
      products: output * input)
  }

  /// Shows `weight` and `bias`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias, as: .bias)
  }
}
