import Models
import Settings
import Tensor

/// Convolutions over time alone that make fewer and wider frames: `[B, T, bands] -> [B, T', C]`.
///
/// Each stage begins with a norm and a convolution of as many taps as its stride, where the stride is above 1 or
/// the channels change, and goes on with ConvNeXt layers. What a frame becomes depends on the whole clip
/// (`GlobalResponseNorm`).
///
/// Source: MERT-v2's published inference code; Woo et al. 2023, ConvNeXt V2.
public struct ConvNeXtSubsampling: MelFrontEnd {
  /// The numbers of a recipe's `melEncoder.frontEnd.convNeXt`.
  public struct Config: Configuration {
    /// Channels of each stage.
    public var channels = [128, 512, 1024]
    /// ConvNeXt layers of each stage.
    public var layers = [3, 4, 5]
    /// Stride over time of each stage; their product is the number of mel frames from frame to frame.
    public var timeStrides = [1, 2, 2]
    /// Added to the variance in every norm.
    public var normEpsilon: Float = 1e-5

    /// MERT-v2: a quarter of the frames.
    public init() {}
  }

  /// From the mel frames' side.
  public var stages: [ConvNeXtStage]

  /// Weights and biases from U(±1/√in), PyTorch's default.
  public init(_ config: Config, bands: Int, using generator: inout some RandomNumberGenerator) {
    stages = []
    for (i, channels) in config.channels.enumerated() {
      stages.append(
        ConvNeXtStage(
          from: i == 0 ? bands : config.channels[i - 1], to: channels,
          timeStride: config.timeStrides[i], layers: config.layers[i],
          epsilon: config.normEpsilon, using: &generator))
    }
  }

  /// - Parameters:
  ///   - mel: `[B, T, bands]`
  ///   - pass: The pass.
  /// - Returns: `[B, T', C]`
  public func callAsFunction(_ mel: Tensor, in pass: ForwardPass) -> Tensor {
    stages.reduce(mel) { $1($0) }
  }

  /// Shows the stages.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("stages", &stages)
  }
}

/// One stage of a `ConvNeXtSubsampling`.
public struct ConvNeXtStage: Module {
  /// Before the convolution; nil in a stage without one.
  public var norm: LayerNorm?
  /// From the channels of the stage before to those of this one; nil if nothing changes.
  public var convolution: Conv1d?
  /// After it.
  public var layers: [ConvNeXtLayer]

  /// Weights and biases from U(±1/√in), PyTorch's default.
  init(
    from input: Int, to output: Int, timeStride: Int, layers: Int, epsilon: Float,
    using generator: inout some RandomNumberGenerator
  ) {
    if Self.resamples(from: input, to: output, timeStride: timeStride) {
      norm = LayerNorm(width: input, epsilon: epsilon)
      convolution = Conv1d(
        from: input, to: output, kernel: Self.kernel(timeStride: timeStride), stride: timeStride,
        using: &generator)
    }
    self.layers = []
    for _ in 0..<layers {
      self.layers.append(ConvNeXtLayer(width: output, epsilon: epsilon, using: &generator))
    }
  }

  static func resamples(from input: Int, to output: Int, timeStride: Int) -> Bool {
    timeStride > 1 || input != output
  }

  /// Taps of the convolution.
  static func kernel(timeStride: Int) -> Int { timeStride }

  /// - Parameter x: `[B, T, I]`
  /// - Returns: `[B, T', O]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var x = x
    if let norm { x = norm(x) }
    if let convolution { x = convolution(x) }
    return layers.reduce(x) { $1($0) }
  }

  /// Shows norm, convolution and layers.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("norm", &norm)
    visitor.child("convolution", &convolution)
    visitor.children("layers", &layers)
  }
}

/// A depthwise convolution over time, then a block of four times the channels, frame by frame, with a residual sum:
/// `x + W₂ respond(gelu(W₁ norm(conv(x))))`.
public struct ConvNeXtLayer: Module {
  /// Each channel over seven frames.
  public var depthwise: Conv1d
  /// Of the convolution's result.
  public var norm: LayerNorm
  /// `W₁`, to four times the channels.
  public var inner: Linear
  /// Between GELU and the second map.
  public var response: GlobalResponseNorm
  /// `W₂`
  public var output: Linear

  /// Taps of the convolution.
  static let kernel = 7
  /// Channels inside, for each outside.
  static let widening = 4

  /// Weights and biases from U(±1/√in), PyTorch's default.
  public init(width: Int, epsilon: Float = 1e-5, using generator: inout some RandomNumberGenerator)
  {
    depthwise = Conv1d(
      from: width, to: width, kernel: Self.kernel, padding: .same(kernel: Self.kernel),
      groups: width, using: &generator)
    norm = LayerNorm(width: width, epsilon: epsilon)
    inner = .uniform(from: width, to: Self.widening * width, using: &generator)
    response = GlobalResponseNorm(channels: Self.widening * width)
    output = .uniform(from: Self.widening * width, to: width, using: &generator)
  }

  /// - Parameter x: `[B, T, C]`
  /// - Returns: Same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x + output(response(inner(norm(depthwise(x)), activating: true)))
  }

  /// Numbers that a layer learns.
  static func parameterCount(width: Int) -> Int {
    let inner = widening * width
    return (kernel + 1) * width + 2 * width + (width + 1) * inner + 2 * inner + (inner + 1) * width
  }

  /// Multiplications for one frame.
  static func products(width: Int) -> Int { kernel * width + 2 * widening * width * width }

  /// Numbers kept of one frame: what enters convolution, norm and first map, and what enters and leaves the activation
  /// and the response between the maps.
  static func kept(width: Int) -> Int { 3 * width + 3 * widening * width }

  /// Shows convolution, norms and maps.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("depthwise", &depthwise)
    visitor.child("norm", &norm)
    visitor.child("inner", &inner)
    visitor.child("response", &response)
    visitor.child("output", &output)
  }
}
