import Tensor

/// Two linear maps with a GELU between, frame by frame: `W₂ gelu(W₁ x + b₁) + b₂`.
///
/// Source: BERT; HuBERT, data2vec, MERT.
public struct GELUFeedForward: FeedForward {
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
    output(pass.dropout(inner(x, activating: true), probability: dropout))
  }

  /// The two maps; it keeps what enters GELU, and what is dropped of its result.
  public static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost {
    (Linear.cost(from: width, to: inner) + Linear.cost(from: inner, to: width))
      .keeping(dropout > 0 ? 2 * inner : inner)
  }

  /// `transformers`' and fairseq's names of the two maps.
  public static var publishedNames: [PublishedName] {
    [
      PublishedName("inner", transformers: "intermediate_dense", fairseq: "fc1"),
      PublishedName("output", transformers: "output_dense", fairseq: "fc2"),
    ]
  }

  /// Shows the two maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("inner", &inner)
    visitor.child("output", &output)
  }
}

extension FeedForwardKind {
  /// Two maps with a GELU between: that of all published models here.
  public static let gelu = FeedForwardKind("gelu", builds: GELUFeedForward.self)
}
