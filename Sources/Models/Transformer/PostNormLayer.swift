import Tensor

/// A layer that normalises after each residual sum: `norm(x + block(x))`.
///
/// Source: Vaswani et al. 2017, §3.1; HuBERT base, data2vec base, MERT-95M.
public struct PostNormLayer: TransformerLayer {
  /// Over the frames.
  public var attention: SelfAttention
  /// After the first sum.
  public var attentionNorm: LayerNorm
  /// Of each frame.
  public var feedForward: any FeedForward
  /// After the second sum.
  public var feedForwardNorm: LayerNorm
  /// Probability of dropping a value before each sum while training.
  public var dropout: Float

  /// A layer of two blocks; `depth` has no effect.
  public init(
    attention: SelfAttention, feedForward: any FeedForward, dropout: Float, depth: Int = 1
  ) {
    (self.attention, self.feedForward, self.dropout) = (attention, feedForward, dropout)
    attentionNorm = LayerNorm(width: attention.width)
    feedForwardNorm = LayerNorm(width: attention.width)
  }

  /// - Parameters:
  ///   - x: `[B, T, D]`
  ///   - pass: The pass: what is random and what it keeps.
  /// - Returns: `[B, T, D]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let attended = attention(x, in: pass)
    let y = attentionNorm(x, adding: attended, dropout: pass.dropoutMask(probability: dropout))
    let mapped = pass.mappingReadFrames(of: y) { feedForward($0, in: pass) }
    pass.keep(feedForwardOutput: mapped)
    return feedForwardNorm(y, adding: mapped, dropout: pass.dropoutMask(probability: dropout))
  }

  /// The norm stands before the first layer.
  public static var stackNorm: Transformer.NormPlace { .first }

  /// Shows blocks and norms in the order in which frames pass them.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("attention", &attention)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("feedForward", &feedForward)
    visitor.child("feedForwardNorm", &feedForwardNorm)
  }
}
