import Tensor

/// Multi-head self-attention: per head `softmax(q kᵀ / √(D/H)) v`, heads joined by a linear map.
///
/// Source: Vaswani et al. 2017, §3.2; all four maps have a bias, or the last one alone, as in OMAR-RQ.
public struct SelfAttention: Module {
  /// Frames to queries, `[D, D]`.
  public var query: Linear
  /// Frames to keys, `[D, D]`.
  public var key: Linear
  /// Frames to values, `[D, D]`.
  public var value: Linear
  /// Joined heads to frames, `[D, D]`.
  public var output: Linear
  /// `H`
  public let heads: Int
  /// Probability of dropping an attention weight while training.
  public var dropout: Float
  /// How frames are turned to show their time; nil if something else gives them their place.
  public let rotary: Rotary?
  /// Which frames a frame attends to.
  public let context: AttentionContext

  /// Weights from N(0, 0.02²), bias 0.
  ///
  /// - Parameters:
  ///   - width: `D`, a multiple of `heads`.
  ///   - heads: `H`
  ///   - dropout: Probability of dropping an attention weight while training.
  ///   - rotary: How frames are turned to show their time; nil for frames that know their place.
  ///   - context: Which frames a frame attends to.
  ///   - hasInputBias: Whether the maps to queries, keys and values have a bias.
  ///   - generator: Draws the initial weights.
  public init(
    width: Int, heads: Int, dropout: Float = 0, rotary: Rotary? = nil,
    context: AttentionContext = .all, hasInputBias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(
      heads >= 1 && width % heads == 0,
      "SelfAttention: \(heads) heads do not divide width \(width)")
    query = Linear(from: width, to: width, hasBias: hasInputBias, using: &generator)
    key = Linear(from: width, to: width, hasBias: hasInputBias, using: &generator)
    value = Linear(from: width, to: width, hasBias: hasInputBias, using: &generator)
    output = Linear(from: width, to: width, using: &generator)
    (self.heads, self.dropout) = (heads, dropout)
    (self.rotary, self.context) = (rotary, context)
  }

  /// Channels of a frame, `D`.
  public var width: Int { output.weight.shape[0] }

  /// - Parameters:
  ///   - x: Frames, `[B, T, D]`; those past `pass.lengths` are not attended to.
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let (queries, keys) = placed(x)
    let attended = Tensor.attention(
      queries: queries, keys: keys, values: value(x), heads: heads, context: context,
      dropout: pass.dropoutMask(probability: dropout), lengths: pass.lengths)
    return output(attended)
  }

  /// Queries and keys, turned if positions are rotary.
  private func placed(_ x: Tensor) -> (queries: Tensor, keys: Tensor) {
    guard let rotary else { return (query(x), key(x)) }
    switch rotary.place {
    case .input:
      let turned = rotary(x, heads: heads)
      return (query(turned), key(turned))
    case .queriesAndKeys:
      return (rotary(query(x), heads: heads), rotary(key(x), heads: heads))
    }
  }

  /// Four maps, scores and weighted sums over `frames` frames; it keeps its input, queries, keys, values
  /// and what was attended to.
  public static func cost(width: Int, frames: Int, hasInputBias: Bool = true) -> BlockCost {
    let map = Linear.cost(from: width, to: width, hasBias: hasInputBias)
    let scores = BlockCost(products: 2 * frames * width)
    return (map + map + map + Linear.cost(from: width, to: width) + scores).keeping(5 * width)
  }

  /// Shows the four maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("query", &query)
    visitor.child("key", &key)
    visitor.child("value", &value)
    visitor.child("output", &output)
  }
}
