import Tensor

/// A layer that normalises what enters each block and leaves the residual stream alone:
/// `x + block(norm(x))`.
///
/// Source: Xiong et al. 2020; HuBERT large, MERT-330M.
public struct PreNormLayer: TransformerLayer {
  /// Over the frames.
  public var attention: SelfAttention
  /// Before attention.
  public var attentionNorm: LayerNorm
  /// Of each frame.
  public var feedForward: any FeedForward
  /// Before the feed-forward block.
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
    let attended = attention(attentionNorm(x), in: pass)
    let (y, normed) = feedForwardNorm.sumAndNorm(
      x, adding: attended, dropout: pass.dropoutMask(probability: dropout))
    let mapped = pass.mappingReadFrames(of: normed) { feedForward($0, in: pass) }
    pass.keep(feedForwardOutput: mapped)
    return y.adding(mapped, dropout: pass.dropoutMask(probability: dropout))
  }

  /// The norm stands after the last layer.
  public static var stackNorm: Transformer.NormPlace { .last }

  /// Shows blocks and norms.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("attention", &attention)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("feedForward", &feedForward)
    visitor.child("feedForwardNorm", &feedForwardNorm)
  }
}
