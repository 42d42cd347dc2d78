import Tensor

extension ConvFeatureExtractor.Config {
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

extension AudioEncoder.Config: EncoderConfiguration {
  /// That of all convolutions together.
  public var stride: Int { frontEnd.stride }
  /// That of all convolutions together.
  public var receptiveField: Int { frontEnd.receptiveField }
  /// Frames of a waveform of so many samples.
  public func frameCount(samples: Int) -> Int { frontEnd.frameCount(samples: samples) }
  /// The fewest samples that make so many frames.
  public func sampleCount(frames: Int) -> Int { frontEnd.sampleCount(frames: frames) }

  /// With dropout, layer drop and the scale of gradients of another configuration.
  public func training(as other: Self) -> Self {
    var copy = self
    (copy.inputDropout, copy.dropout) = (other.inputDropout, other.dropout)
    (copy.attentionDropout, copy.layerDrop) = (other.attentionDropout, other.layerDrop)
    copy.activationDropout = other.activationDropout
    copy.frontEnd.gradientScale = other.frontEnd.gradientScale
    return copy
  }

  /// With the number of channels that are turned, if any are.
  public var writtenOut: Self {
    var copy = self
    copy.rotary = rotary?.writtenOut(depth: width / heads)
    return copy
  }

  /// The untrained encoder of these numbers.
  /// - Throws: `ModelError.setting`.
  public func untrained(
    using generator: inout some RandomNumberGenerator
  ) throws(ModelError) -> any Encoder {
    try AudioEncoder(self, using: &generator)
  }
}
