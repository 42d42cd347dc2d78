import Foundation
import Tensor

/// One layer of a transformer encoder: attention over the frames, then a map of each frame.
protocol TransformerLayer: Module {
  /// - Parameter x: Frames, `[B, T, D]`
  /// - Returns: `[B, T, D]`
  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor
}

extension TransformerLayer {
  /// The layer as the pass wants it: keeping what its gradient needs, or computing that again.
  func run(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.recomputesLayers else { return self(x, in: pass) }
    let (start, plain) = (pass.replayed(), detached())
    return Tensor.checkpointed(
      [x] + parameters.map(\.tensor), computing: { plain($0[0], in: pass) },
      again: { plain.with(parameters: $0.dropFirst())($0[0], in: start.replayed()) })
  }

  /// This layer with other parameters, in the order of `visit`.
  private func with(parameters: some Sequence<Tensor>) -> Self {
    var (copy, next) = (self, parameters.makeIterator())
    copy.update { _, parameter in parameter = next.next() ?? parameter }
    return copy
  }
}

/// A layer that normalises after each residual sum: `norm(α x + block(x))`, α = 1 but in DeepNorm.
///
/// Source: Vaswani et al. 2017, §3.1; HuBERT base, data2vec base, MERT-95M; Wang et al. 2022 for DeepNorm.
struct PostNormLayer: TransformerLayer {
  var attention: SelfAttention
  var attentionNorm: LayerNorm
  var feedForward: FeedForward
  var feedForwardNorm: LayerNorm
  let dropout: Float
  /// α
  let residualScale: Float

  init(_ config: AudioEncoder.Config, using generator: inout some RandomNumberGenerator) {
    attention = SelfAttention(config, using: &generator)
    attentionNorm = LayerNorm(width: config.width)
    feedForward = FeedForward(config, using: &generator)
    feedForwardNorm = LayerNorm(width: config.width)
    dropout = config.dropout
    residualScale = config.normOrder == .deep ? pow(2 * Float(config.layers), 0.25) : 1
    if config.normOrder == .deep { shrink(by: pow(8 * Float(config.layers), 0.25)) }
  }

  /// DeepNorm's initialisation; the biases are 0.
  private mutating func shrink(by divisor: Float) {
    for map in [
      \Self.attention.value, \.attention.output, \.feedForward.inner, \.feedForward.output,
    ] {
      self[keyPath: map].weight = self[keyPath: map].weight / divisor
    }
  }

  func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let attended = attention(x, in: pass)
    let y = attentionNorm(
      residual(x), adding: attended, dropout: pass.dropoutMask(probability: dropout))
    let mapped = feedForward(y, in: pass)
    return feedForwardNorm(
      residual(y), adding: mapped, dropout: pass.dropoutMask(probability: dropout))
  }

  private func residual(_ x: Tensor) -> Tensor { residualScale == 1 ? x : x * residualScale }

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
