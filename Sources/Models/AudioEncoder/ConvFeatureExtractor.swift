import Tensor

/// The strided convolutions that turn a waveform into frames; each with an optional norm, then GELU.
///
/// Source: wav2vec 2.0, §2; fairseq `ConvFeatureExtractionModel`.
struct ConvFeatureExtractor: Module {
  /// One convolution.
  struct Layer: Module {
    /// `[Cout, K, Cin]`
    var weight: Tensor
    /// `[Cout]`
    var bias: Tensor?
    /// Over time, in the first layer of a `.group` front end.
    var timeNorm: TimeNorm?
    /// Over channels, in every layer of a `.layer` front end.
    var layerNorm: LayerNorm?
    let stride: Int

    /// - Parameter x: `[B, T, Cin]`
    /// - Returns: `[B, T', Cout]` in the numbers of `precision`.
    func callAsFunction(_ x: Tensor, precision: Precision) -> Tensor {
      let isPlain = timeNorm == nil && layerNorm == nil
      var y = x.conv1d(
        weight: weight, bias: bias, stride: stride, into: precision.activations,
        activating: isPlain)
      if isPlain { return y }
      if let timeNorm, layerNorm == nil { return timeNorm(y, activating: true) }
      if let timeNorm { y = timeNorm(y) }
      if let layerNorm { y = layerNorm(y) }
      return y.gelu()
    }

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("weight", &weight)
      visitor.parameter("bias", &bias, as: .bias)
      visitor.child("timeNorm", &timeNorm)
      visitor.child("layerNorm", &layerNorm)
    }
  }

  var layers: [Layer] = []
  let gradientScale: Float

  init(_ config: AudioEncoder.FrontEnd, using generator: inout some RandomNumberGenerator) {
    for i in config.channels.indices { layers.append(Layer(config, i, using: &generator)) }
    gradientScale = config.gradientScale
  }

  /// - Parameter waveform: `[B, samples]`, float32.
  /// - Returns: `[B, T, C]` in the numbers of `precision`.
  func callAsFunction(_ waveform: Tensor, precision: Precision) -> Tensor {
    if canStream(waveform) { return streamed(waveform, precision: precision) }
    let parts = parts(of: waveform).map { part in
      layers.reduce(part) { $1($0, precision: precision) }
    }
    let features = parts.count == 1 ? parts[0] : .concatenated(parts, axis: 0)
    if gradientScale == 1 { return features }
    return gradientScale == 0 ? features.detached() : features.scalingGradient(by: gradientScale)
  }

  /// Elements of the first convolution's result that are worth a part of their own.
  private static let partSize = 1 << 26

  /// The batch in equal parts `[b, samples, 1]`. Crops do not meet in the front end, and the gradients
  /// of its long first layers then need half the memory, or less.
  private func parts(of waveform: Tensor) -> [Tensor] {
    let (batch, samples) = (waveform.shape[0], waveform.shape[1])
    let rows = waveform.reshaped([batch, samples, 1])
    let size = batch * samples / layers[0].stride * layers[0].weight.shape[0]
    let count = min(max(1, batch), size / Self.partSize + 1)
    guard count > 1 else { return [rows] }
    return (0..<count).map { i in
      rows.sliced(axis: 0, batch * i / count..<batch * (i + 1) / count)
    }
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
  }
}

extension ConvFeatureExtractor.Layer {
  /// Layer `i`: weights by Kaiming's normal rule, N(0, 2 / (Cin K)).
  fileprivate init(
    _ config: AudioEncoder.FrontEnd, _ i: Int, using generator: inout some RandomNumberGenerator
  ) {
    let input = i == 0 ? 1 : config.channels[i - 1]
    let (output, kernel) = (config.channels[i], config.kernels[i])
    let deviation = (2 / Float(input * kernel)).squareRoot()
    weight = .initial([output, kernel, input], deviation: deviation, using: &generator)
    bias = config.bias ? .initial([output], fanIn: input * kernel, using: &generator) : nil
    timeNorm = config.norm == .group && i == 0 ? TimeNorm(channels: output) : nil
    layerNorm = config.norm == .layer ? LayerNorm(width: output) : nil
    stride = config.strides[i]
  }
}

/// From convolutional features to the transformer's width: layer norm, linear map, dropout; or a linear
/// map between two norms without parameters.
struct FeatureProjection: Module {
  /// nil between norms without parameters.
  var norm: LayerNorm?
  var linear: Linear
  let dropout: Float

  init(
    from channels: Int, to width: Int, norm: AudioEncoder.ProjectionNorm, dropout: Float,
    using generator: inout some RandomNumberGenerator
  ) {
    self.norm = norm == .before ? LayerNorm(width: channels) : nil
    linear = .uniform(from: channels, to: width, using: &generator)
    self.dropout = dropout
  }

  /// - Parameter features: `[B, T, C]`
  /// - Returns: `[B, T, D]`
  func callAsFunction(_ features: Tensor, in pass: ForwardPass) -> Tensor {
    pass.dropout(frames(of: features), probability: dropout)
  }

  private func frames(of features: Tensor) -> Tensor {
    if let norm { return linear(norm(features)) }
    return linear(features.plainLayerNorm).plainLayerNorm
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("norm", &norm)
    visitor.child("linear", &linear)
  }
}

extension Tensor {
  /// Mean 0 and variance 1 over the channels of each frame.
  fileprivate var plainLayerNorm: Tensor { layerNorm(weight: nil, bias: nil, epsilon: 1e-5) }
}
