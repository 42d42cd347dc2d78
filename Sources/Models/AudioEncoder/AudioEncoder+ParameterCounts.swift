extension AudioEncoder.Config {
  /// How many numbers the parts of an encoder learn.
  public struct ParameterCounts: Codable, Sendable {
    /// The convolutions over the waveform, with their norms.
    public var frontEnd: Int
    /// From their channels to the transformer's width.
    public var projection: Int
    /// What stands for a masked frame.
    public var maskEmbedding: Int
    /// The positional convolutions.
    public var positions: Int
    /// One transformer layer.
    public var layer: Int
    /// All layers, and the norm before or after them.
    public var transformer: Int

    /// All of them.
    public var total: Int { frontEnd + projection + maskEmbedding + positions + transformer }
  }

  /// How many numbers such an encoder learns, part by part, without building it.
  public var parameterCounts: ParameterCounts {
    let channels = frontEnd.channels.last!
    let layer = layerCost(frames: 0).parameters
    return ParameterCounts(
      frontEnd: frontEnd.parameterCount,
      projection: (projectionNorm == .before ? 2 * channels : 0) + channels * width + width,
      maskEmbedding: width, positions: positionParameterCount, layer: layer,
      transformer: 2 * width + layers * layer)
  }

  /// How many numbers such an encoder learns, without building it.
  public var parameterCount: Int { parameterCounts.total }

  /// One long convolution has a gain for each tap.
  private var positionParameterCount: Int {
    let taps = width * (width / position.groups) * position.kernel
    let isLong = position.depth == 1
    return isLong ? taps + position.kernel + width : position.depth * (taps + width)
  }
}

extension ConvFeatureExtractor.Config {
  fileprivate var parameterCount: Int {
    let inputs = [1] + channels
    let weights = channels.indices.reduce(0) { $0 + inputs[$1] * channels[$1] * kernels[$1] }
    let all = channels.reduce(0, +)
    return weights + (bias ? all : 0) + 2 * (norm == .layer ? all : channels[0])
  }
}
