extension AudioEncoder.Config {
  /// How many numbers such an encoder learns, part by part, without building it.
  public var parameterCounts: EncoderParameterCounts {
    let channels = frontEnd.channels.last!
    let layer = layerCost(frames: 0).parameters
    return EncoderParameterCounts(
      frontEnd: frontEnd.parameterCount,
      projection: (projectionNorm == .before ? 2 * channels : 0) + channels * width + width,
      maskEmbedding: width, positions: positionParameterCount, layer: layer,
      transformer: 2 * width + layers * layer)
  }

  /// One long convolution has a gain for each tap.
  private var positionParameterCount: Int {
    guard rotary == nil else { return 0 }
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
