import Tensor

/// The strided convolutions that turn a waveform into frames; each with an optional norm, then GELU.
///
/// Source: wav2vec 2.0, §2; fairseq `ConvFeatureExtractionModel`.
public struct ConvFeatureExtractor: Module {
  /// One convolution.
  public struct Layer: Module {
    /// `[Cout, K, Cin]`
    public var weight: Tensor
    /// `[Cout]`
    public var bias: Tensor?
    /// Over time, in the first layer of a `.group` front end.
    public var timeNorm: TimeNorm?
    /// Over channels, in every layer of a `.layer` front end.
    public var layerNorm: LayerNorm?
    /// Steps from one frame to the next.
    public let stride: Int

    /// Weights by Kaiming's normal rule, N(0, 2 / (Cin K)), biases from U(±1/√(Cin K)).
    ///
    /// - Parameters:
    ///   - input: `Cin`
    ///   - output: `Cout`
    ///   - kernel: Taps, `K`.
    ///   - stride: Steps from one frame to the next.
    ///   - hasBias: Whether a bias is added.
    ///   - timeNorm: The norm of each channel over time after the convolution, if any.
    ///   - layerNorm: The norm of each frame after the convolution, if any.
    ///   - generator: Draws the initial weights.
    public init(
      from input: Int, to output: Int, kernel: Int, stride: Int, hasBias: Bool = false,
      timeNorm: TimeNorm? = nil, layerNorm: LayerNorm? = nil,
      using generator: inout some RandomNumberGenerator
    ) {
      let deviation = (2 / Float(input * kernel)).squareRoot()
      weight = .initial([output, kernel, input], deviation: deviation, using: &generator)
      bias = hasBias ? .initial([output], fanIn: input * kernel, using: &generator) : nil
      (self.timeNorm, self.layerNorm, self.stride) = (timeNorm, layerNorm, stride)
    }

    /// - Parameters:
    ///   - x: `[B, T, Cin]`
    ///   - precision: What it computes in, float32 or bfloat16.
    /// - Returns: `[B, T', Cout]` in the numbers of `precision`.
    public func callAsFunction(_ x: Tensor, precision: Precision = .fp32) -> Tensor {
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

    /// Shows weight, bias and norm.
    public mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("weight", &weight)
      visitor.parameter("bias", &bias, as: .bias)
      visitor.child("timeNorm", &timeNorm)
      visitor.child("layerNorm", &layerNorm)
    }
  }

  /// From the waveform's side.
  public var layers: [Layer] = []
  /// What the gradient is multiplied by on its way into the convolutions; 0 freezes them.
  public var gradientScale: Float

  /// - Parameters:
  ///   - channels: Output channels of each convolution.
  ///   - kernels: Taps of each.
  ///   - strides: Steps of each.
  ///   - norm: What is normalised.
  ///   - hasBias: Whether the convolutions have a bias.
  ///   - gradientScale: What the gradient is multiplied by on its way into the convolutions.
  ///   - generator: Draws the initial weights.
  /// - Traps when: the three lists are not of one length, or empty.
  public init(
    channels: [Int], kernels: [Int], strides: [Int], norm: Config.Norm = .group,
    hasBias: Bool = false, gradientScale: Float = 1,
    using generator: inout some RandomNumberGenerator
  ) {
    precondition(
      !channels.isEmpty && kernels.count == channels.count && strides.count == channels.count,
      "ConvFeatureExtractor: \(channels.count) channels, \(kernels.count) kernels and "
        + "\(strides.count) strides are not as many of each, at least one")
    for (i, output) in channels.enumerated() {
      layers.append(
        Layer(
          from: i == 0 ? 1 : channels[i - 1], to: output, kernel: kernels[i], stride: strides[i],
          hasBias: hasBias,
          timeNorm: norm == .group && i == 0 ? TimeNorm(channels: output) : nil,
          layerNorm: norm == .layer ? LayerNorm(width: output) : nil, using: &generator))
    }
    self.gradientScale = gradientScale
  }

  /// - Parameters:
  ///   - waveform: `[B, samples]`, float32.
  ///   - precision: What it computes in, float32 or bfloat16.
  /// - Returns: `[B, T, C]` in the numbers of `precision`.
  public func callAsFunction(_ waveform: Tensor, precision: Precision = .fp32) -> Tensor {
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

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("layers", &layers)
  }
}
