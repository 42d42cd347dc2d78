import Tensor

/// A gated block of three linear maps without biases, frame by frame: `W₃ (silu(W₁ x) ⊙ W₂ x)`.
///
/// With two thirds of the inner channels it learns as many numbers as a `GELUFeedForward`.
///
/// Source: Shazeer 2020, "GLU variants improve Transformer", equation 6, `β` 1.
public struct SwiGLUFeedForward: FeedForward {
  /// `W₁`, `[inner, D]`
  public var gate: Linear
  /// `W₂`, `[inner, D]`
  public var inner: Linear
  /// `W₃`, `[D, inner]`
  public var output: Linear
  /// Probability of dropping one of the inner channels while training.
  public var dropout: Float

  /// Weights from N(0, 0.02²).
  public init(
    width: Int, inner: Int, dropout: Float = 0,
    using generator: inout some RandomNumberGenerator
  ) {
    gate = Linear(from: width, to: inner, hasBias: false, using: &generator)
    self.inner = Linear(from: width, to: inner, hasBias: false, using: &generator)
    output = Linear(from: inner, to: width, hasBias: false, using: &generator)
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    output(pass.dropout(gate(x).silu() * inner(x), probability: dropout))
  }

  /// The three maps; it keeps what enters the gate, both factors, and their product or what dropout leaves
  /// of it.
  public static func cost(width: Int, inner: Int, dropout: Float) -> BlockCost {
    let widening = Linear.cost(from: width, to: inner, hasBias: false)
    let narrowing = Linear.cost(from: inner, to: width, hasBias: false)
    return (widening + widening + narrowing).keeping(4 * inner)
  }

  /// None: no published model here has such a block.
  public static var publishedNames: [PublishedName] { [] }

  /// Shows the three maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("gate", &gate)
    visitor.child("inner", &inner)
    visitor.child("output", &output)
  }
}

extension FeedForwardKind {
  /// Three maps without biases, one of them a gate.
  public static let swiGLU = FeedForwardKind("swiGLU", builds: SwiGLUFeedForward.self)
}
