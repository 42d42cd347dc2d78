import Tensor

/// One layer of a transformer encoder: attention over the frames, then a map of each frame.
protocol TransformerLayer: Module {
  /// - Parameter x: Frames, `[B, T, D]`
  /// - Returns: `[B, T, D]`
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor
}

/// A layer that normalises after each residual sum.
///
/// Source: Vaswani et al. 2017, §3.1; HuBERT base, data2vec base, MERT-95M.
struct PostNormLayer: TransformerLayer {
  var attention: SelfAttention
  var attentionNorm: LayerNorm
  var feedForward: FeedForward
  var feedForwardNorm: LayerNorm
  let dropout: Float

  init(_ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator) {
    attention = SelfAttention(config, using: &generator)
    attentionNorm = LayerNorm(width: config.width)
    feedForward = FeedForward(config, using: &generator)
    feedForwardNorm = LayerNorm(width: config.width)
    dropout = config.dropout
  }

  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let attended = pass.dropout(attention(x, in: pass), probability: dropout)
    let y = attentionNorm(x + attended)
    return feedForwardNorm(y + pass.dropout(feedForward(y, in: pass), probability: dropout))
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("attention", &attention)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("feedForward", &feedForward)
    visitor.child("feedForwardNorm", &feedForwardNorm)
  }
}

/// A layer that normalises what enters each block and leaves the residual stream alone.
///
/// Source: Xiong et al. 2020; HuBERT large, MERT-330M.
struct PreNormLayer: TransformerLayer {
  var attention: SelfAttention
  var attentionNorm: LayerNorm
  var feedForward: FeedForward
  var feedForwardNorm: LayerNorm
  let dropout: Float

  init(_ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator) {
    attention = SelfAttention(config, using: &generator)
    attentionNorm = LayerNorm(width: config.width)
    feedForward = FeedForward(config, using: &generator)
    feedForwardNorm = LayerNorm(width: config.width)
    dropout = config.dropout
  }

  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let y = x + pass.dropout(attention(attentionNorm(x), in: pass), probability: dropout)
    return y + pass.dropout(feedForward(feedForwardNorm(y), in: pass), probability: dropout)
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("attention", &attention)
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("feedForward", &feedForward)
    visitor.child("feedForwardNorm", &feedForwardNorm)
  }
}

extension SelfAttention {
  fileprivate init(
    _ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      width: config.width, heads: config.heads, dropout: config.attentionDropout, using: &generator)
  }
}

extension FeedForward {
  fileprivate init(
    _ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      width: config.width, inner: config.feedForwardWidth, dropout: config.activationDropout,
      using: &generator)
  }
}
