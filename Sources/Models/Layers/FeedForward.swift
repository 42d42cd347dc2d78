import Tensor

/// Two linear maps with a GELU between, frame by frame: `W₂ gelu(W₁ x + b₁) + b₂`.
public struct FeedForward: Module {
  var inner: Linear
  var output: Linear
  let dropout: Float

  /// - Parameters:
  ///   - inner: Channels between the two maps.
  ///   - dropout: Probability of dropping one of these while training.
  public init(
    width: Int, inner: Int, dropout: Float, using generator: inout some RandomNumberGenerator
  ) {
    self.inner = Linear(from: width, to: inner, using: &generator)
    output = Linear(from: inner, to: width, using: &generator)
    self.dropout = dropout
  }

  /// - Parameter x: `[B, T, D]`
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let y = output(pass.dropout(inner(x, activating: true), probability: dropout))
    pass.keep(feedForwardOutput: y)
    return y
  }

  /// Shows the two maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("inner", &inner)
    visitor.child("output", &output)
  }
}
