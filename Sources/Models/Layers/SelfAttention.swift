import Tensor

/// Multi-head self-attention: per head `softmax(q kᵀ / √(D/H)) v`, heads joined by a linear map.
///
/// Source: Vaswani et al. 2017, §3.2; all four maps have a bias.
public struct SelfAttention: Module {
  var query: Linear
  var key: Linear
  var value: Linear
  var output: Linear
  let heads: Int
  let dropout: Float

  /// - Parameters:
  ///   - width: `D`, a multiple of `heads`.
  ///   - dropout: Probability of dropping an attention weight while training.
  public init(
    width: Int, heads: Int, dropout: Float, using generator: inout some RandomNumberGenerator
  ) {
    query = Linear(from: width, to: width, using: &generator)
    key = Linear(from: width, to: width, using: &generator)
    value = Linear(from: width, to: width, using: &generator)
    output = Linear(from: width, to: width, using: &generator)
    (self.heads, self.dropout) = (heads, dropout)
  }

  /// - Parameter x: Frames, `[B, T, D]`; those past `pass.lengths` are not attended to.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let attended = Tensor.attention(
      queries: query(x), keys: key(x), values: value(x), heads: heads,
      dropout: pass.dropoutMask(probability: dropout), lengths: pass.lengths)
    return output(attended)
  }

  /// Shows the four maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("query", &query)
    visitor.child("key", &key)
    visitor.child("value", &value)
    visitor.child("output", &output)
  }
}
