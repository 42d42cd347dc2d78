import Models
import Tensor

extension MelEncoder.Config {
  /// How many numbers the parts of an encoder learn.
  public struct ParameterCounts: Codable, Sendable {
    /// What makes fewer and wider frames of mel frames.
    public var frontEnd: Int
    /// From these to the layers' width; 0 if they have it.
    public var projection: Int
    /// What stands for a masked frame.
    public var maskEmbedding: Int
    /// One layer.
    public var layer: Int
    /// All layers, and the norm after them if there is one.
    public var conformer: Int

    /// All of them.
    public var total: Int { frontEnd + projection + maskEmbedding + conformer }
  }

  /// How many numbers such an encoder learns, part by part, without building it.
  public var parameterCounts: ParameterCounts {
    let layer = layerCost(frames: 0).parameters
    return ParameterCounts(
      frontEnd: frontEnd.chosen.parameterCount(bands: input.bands),
      projection: projectionCost.parameters, maskEmbedding: width, layer: layer,
      conformer: layers * layer + (finalNorm ? 2 * width : 0))
  }

  /// How many numbers such an encoder learns, without building it.
  public var parameterCount: Int { parameterCounts.total }

  private var projectionCost: BlockCost {
    let (bands, chosen) = (input.bands, frontEnd.chosen)
    guard chosen.isProjected(bands: bands, to: width) else { return BlockCost() }
    return Linear.cost(from: chosen.width(bands: bands), to: width)
  }

  /// What one layer costs over so many frames.
  package func layerCost(frames: Int) -> BlockCost {
    let block = activation.feedForward.cost(
      width: width, inner: feedForwardWidth, dropout: activationDropout)
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
