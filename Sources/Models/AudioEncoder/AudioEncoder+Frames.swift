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
