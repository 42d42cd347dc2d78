import Models
import Tensor

extension MelEncoder.Config {
  /// How many numbers such an encoder learns, part by part, without building it.
  public var parameterCounts: EncoderParameterCounts {
    let layer = layerCost(frames: 0).parameters
    return EncoderParameterCounts(
      frontEnd: frontEnd.chosen.parameterCount(bands: input.bands),
      projection: projectionCost.parameters, maskEmbedding: width, layer: layer,
      transformer: layers * layer + (finalNorm ? 2 * width : 0))
  }

  /// What the map from the front end's channels to the layers' width costs; nothing if there is none.
  package var projectionCost: BlockCost {
    let (bands, chosen) = (input.bands, frontEnd.chosen)
    guard chosen.isProjected(bands: bands, to: width) else { return BlockCost() }
    return Linear.cost(from: chosen.width(bands: bands), to: width)
  }

  /// What each of a layer's feed-forward blocks costs.
  package var feedForwardCost: BlockCost {
    activation.feedForward.cost(
      width: width, inner: feedForwardWidth, dropout: activationDropout)
  }

  /// What one layer costs over so many frames.
  package func layerCost(frames: Int) -> BlockCost {
    let block = feedForwardCost
    return block + SelfAttention.cost(width: width, frames: frames, hasInputBias: attentionBiases)
      + ConvolutionModule.cost(width: width, kernel: kernel, hasBias: convolutionBiases) + block
      + ConformerLayer.normCost(width: width)
  }

  /// Multiplications of a forward pass over a waveform, each with its addition; the transforms of the mel frames
  /// are left out.
  public func products(samples: Int) -> Double {
    let frames = frameCount(samples: samples)
    guard frames > 0 else { return 0 }
    let perFrame =
      Double(projectionCost.products) + Double(layers) * Double(layerCost(frames: frames).products)
    return frontEnd.chosen.products(
      frames: input.frameCount(samples: samples), bands: input.bands)
      + Double(frames) * perFrame
  }
}
