import Models
import Tensor

extension MelEncoder.Config {
  /// How many numbers the parts of an encoder learn.
  public struct ParameterCounts: Codable, Sendable {
    /// The convolutions over time and frequency, with their norms.
    public var frontEnd: Int
    /// From their result to the layers' width.
    public var projection: Int
    /// What stands for a masked frame.
    public var maskEmbedding: Int
    /// One layer.
    public var layer: Int
    /// All layers, and the norm after them.
    public var conformer: Int

    /// All of them.
    public var total: Int { frontEnd + projection + maskEmbedding + conformer }
  }

  /// How many numbers such an encoder learns, part by part, without building it.
  public var parameterCounts: ParameterCounts {
    let layer = layerCost(frames: 0).parameters
    return ParameterCounts(
      frontEnd: frontEnd.parameterCount, projection: projectionCost.parameters,
      maskEmbedding: width, layer: layer, conformer: layers * layer + 2 * width)
  }

  /// How many numbers such an encoder learns, without building it.
  public var parameterCount: Int { parameterCounts.total }

  private var projectionCost: BlockCost {
    Linear.cost(from: frontEnd.width(bands: input.bands), to: width)
  }

  /// What one layer costs over so many frames.
  package func layerCost(frames: Int) -> BlockCost {
    let block = SiLUFeedForward.cost(
      width: width, inner: feedForwardWidth, dropout: activationDropout)
    return block + SelfAttention.cost(width: width, frames: frames)
      + ConvolutionModule.cost(width: width, kernel: kernel) + block
      + ConformerLayer.normCost(width: width)
  }

  /// Multiplications of a forward pass over a waveform, each with its addition; the transforms of the mel frames
  /// are left out.
  public func products(samples: Int) -> Double {
    let frames = frameCount(samples: samples)
    guard frames > 0 else { return 0 }
    let perFrame =
      Double(projectionCost.products) + Double(layers) * Double(layerCost(frames: frames).products)
    return frontEnd.products(frames: samples / input.hopLength, bands: input.bands)
      + Double(frames) * perFrame
  }
}
