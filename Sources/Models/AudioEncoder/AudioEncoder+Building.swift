import Tensor

/// The parts that a configuration describes, untrained. The order of the draws is that of the parts.
extension AudioEncoder.Config {
  func extractor(using generator: inout some RandomNumberGenerator) -> ConvFeatureExtractor {
    ConvFeatureExtractor(
      channels: frontEnd.channels, kernels: frontEnd.kernels, strides: frontEnd.strides,
      norm: frontEnd.norm, hasBias: frontEnd.bias, gradientScale: frontEnd.gradientScale,
      using: &generator)
  }

  func projection(using generator: inout some RandomNumberGenerator) -> FeatureProjection {
    FeatureProjection(
      from: frontEnd.channels.last!, to: width, norm: projectionNorm, dropout: inputDropout,
      using: &generator)
  }

  func positionalConvolution(
    using generator: inout some RandomNumberGenerator
  ) -> (any PositionalConvolution)? {
    if rotary != nil { return nil }
    if position.depth == 1 {
      return NormedPositionalConvolution(
        width: width, kernel: position.kernel, groups: position.groups, using: &generator)
    }
    return StackedPositionalConvolution(
      width: width, kernel: position.kernel, groups: position.groups, depth: position.depth,
      using: &generator)
  }

  func transformer(using generator: inout some RandomNumberGenerator) -> Transformer {
    var stack: [any TransformerLayer] = []
    for _ in 0..<layers { stack.append(layer(using: &generator)) }
    return Transformer(stack, width: width, dropout: dropout, layerDrop: layerDrop)
  }

  private func layer(
    using generator: inout some RandomNumberGenerator
  ) -> any TransformerLayer {
    let attention = SelfAttention(
      width: width, heads: heads, dropout: attentionDropout, rotary: rotary, using: &generator)
    let block = feedForward.block.init(
      width: width, inner: feedForwardWidth, dropout: activationDropout, using: &generator)
    return normOrder.layer.init(
      attention: attention, feedForward: block, dropout: dropout, depth: layers)
  }
}

extension AudioEncoder.Config {
  /// What one transformer layer costs over so many frames.
  package func layerCost(frames: Int) -> BlockCost {
    SelfAttention.cost(width: width, frames: frames) + feedForwardCost
      + normOrder.layer.cost(width: width)
  }

  /// What the feed-forward block of one layer costs.
  package var feedForwardCost: BlockCost {
    feedForward.block.cost(width: width, inner: feedForwardWidth, dropout: activationDropout)
  }
}

extension AudioEncoder.NormOrder {
  /// The layer that is built.
  var layer: any TransformerLayer.Type {
    switch self {
    case .post: PostNormLayer.self
    case .pre: PreNormLayer.self
    case .deep: DeepNormLayer.self
    }
  }
}
