import Tensor

extension AudioEncoder.FrontEnd {
  /// Samples between the starts of two frames.
  public var stride: Int { strides.reduce(1, *) }

  /// Samples that one frame sees: frame `t` sees `t · stride ..< t · stride + receptiveField`.
  public var receptiveField: Int { sampleCount(frames: 1) }

  /// Frames of a waveform: `⌊(n - K) / S⌋ + 1` for each convolution in turn, 0 if it is too short.
  public func frameCount(samples: Int) -> Int {
    zip(kernels, strides).reduce(samples) { n, layer in
      n < layer.0 ? 0 : (n - layer.0) / layer.1 + 1
    }
  }

  /// The fewest samples that make so many frames.
  public func sampleCount(frames: Int) -> Int {
    zip(kernels, strides).reversed().reduce(frames) { n, layer in (n - 1) * layer.1 + layer.0 }
  }
}

extension AudioEncoder.Config {
  /// Frames per second, nominally: a clip has a little fewer, as its last frame must fit in.
  public var frameRate: Double { Double(sampleRate) / Double(frontEnd.stride) }

  /// Frames of a waveform of so many samples.
  public func frameCount(samples: Int) -> Int { frontEnd.frameCount(samples: samples) }

  /// How many numbers such an encoder learns, without building it.
  public var parameterCount: Int {
    let (d, f) = (width, feedForwardWidth)
    let attention = 4 * (d * d + d)
    let layer = attention + 2 * d * f + f + d + 4 * d
    let projection = 2 * frontEnd.channels.last! + frontEnd.channels.last! * d + d
    let taps = d * (d / position.groups) * position.kernel
    let positions = position.depth == 1 ? taps + position.kernel + d : position.depth * (taps + d)
    return frontEnd.parameterCount + projection + d + positions + 2 * d + layers * layer
  }

  /// A whole file's waveform as the encoder takes it: `(x - mean) / √(var + 1e-7)` if
  /// `normalizesWaveform`, else unchanged. Apply before cropping.
  ///
  /// Source: `transformers` `Wav2Vec2FeatureExtractor`. fairseq adds 1e-5 instead.
  public func prepare(_ samples: [Float]) -> [Float] {
    guard normalizesWaveform, !samples.isEmpty else { return samples }
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + Double($1) } / count
    let variance = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let scale = 1 / (variance + 1e-7).squareRoot()
    return samples.map { Float((Double($0) - mean) * scale) }
  }
}

extension AudioEncoder.FrontEnd {
  fileprivate var parameterCount: Int {
    let inputs = [1] + channels
    let weights = channels.indices.reduce(0) { $0 + inputs[$1] * channels[$1] * kernels[$1] }
    let all = channels.reduce(0, +)
    return weights + (bias ? all : 0) + 2 * (norm == .layer ? all : channels[0])
  }
}
