import Tensor

/// Two linear maps with a SiLU (swish) between, frame by frame: `W₂ silu(W₁ x + b₁) + b₂`.
///
/// Source: Gulati et al. 2020, the Conformer.
public struct SiLUFeedForward: FeedForward {
  /// `W₁`, `b₁`
  public var inner: Linear
  /// `W₂`, `b₂`
  public var output: Linear
  /// Probability of dropping one of the inner channels while training.
  public var dropout: Float

  /// Weights from N(0, 0.02²), bias 0.
  public init(
    width: Int, inner: Int, dropout: Float = 0,
    using generator: inout some RandomNumberGenerator
  ) {
    self.inner = Linear(from: width, to: inner, using: &generator)
    output = Linear(from: inner, to: width, using: &generator)
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    output(pass.dropout(inner(x).silu(), probability: dropout))
  }

  /// The two maps; it keeps what enters SiLU, and what is dropped of its result.
  public static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost {
    GELUFeedForward.cost(width: width, inner: inner, dropout: dropout)
  }

  /// None: no encoder of `transformers` or fairseq that is read here has such a block.
  public static var publishedNames: [PublishedName] { [] }

  /// Shows the two maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("inner", &inner)
    visitor.child("output", &output)
  }
}
