import Tensor

/// A convolution of a codec: `[B, T, I] -> [B, ⌈T / stride⌉, O]`, padded, with a normalised weight or a norm after
/// it.
///
/// `P = dilation (K - 1) + 1 - stride` frames are added, and as many more at the end as the last window lacks. A
/// causal convolution adds `P` at the start, others `⌈P / 2⌉` there and `⌊P / 2⌋` at the end.
///
/// Source: EnCodec's `SConv1d`; `transformers` `EncodecConv1d`.
public struct CodecConvolution: Module {
  /// `[O, K, I]`; with a gain its direction alone counts.
  public var weight: Tensor
  /// The length of each output channel's weight, `[O]`; nil takes the weights as they are.
  public var gain: Tensor?
  /// `[O]`
  public var bias: Tensor
  /// Over channels and time, after the convolution.
  public var norm: GroupNorm?
  /// Frames from one window to the next.
  public let stride: Int
  /// Frames from one tap to the next.
  public let dilation: Int
  /// What is added at the ends, and where.
  public let ends: CodecEnds

  /// - Parameters:
  ///   - input: Channels that enter, `I`.
  ///   - output: Channels that leave, `O`.
  ///   - kernel: Taps, `K`.
  ///   - stride: Frames from one window to the next; at most `K`.
  ///   - dilation: Frames from one tap to the next.
  ///   - config: Norm and padding.
  ///   - generator: Draws the initial weights.
  public init(
    from input: Int, to output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    _ config: Codec.Config, using generator: inout some RandomNumberGenerator
  ) {
    let fanIn = input * kernel
    weight = .initial(
      [output, kernel, input], deviation: (2 / Float(fanIn)).squareRoot(), using: &generator)
    gain = config.norm == .weight ? weight.initialGain(using: generator) : nil
    bias = .initial([output], fanIn: fanIn, using: &generator)
    norm = config.norm == .group ? GroupNorm(channels: output) : nil
    (self.stride, self.dilation) = (stride, dilation)
    ends = CodecEnds(config)
  }

  /// - Parameters:
  ///   - x: `[B, T, I]`, at least one frame.
  ///   - activating: Whether ELU comes first.
  ///   - precision: What it computes in, float32 or bfloat16.
  /// - Returns: `[B, ⌈T / stride⌉, O]` in the numbers of `precision`.
  public func callAsFunction(
    _ x: Tensor, activating: Bool = false, precision: Precision = .fp32
  ) -> Tensor {
    convolved(
      ends.padded(x, padding(frames: x.shape[1]), activating: activating), precision: precision)
  }

  /// What is added to a signal of so many frames.
  func padding(frames: Int) -> Padding {
    let last = (frames + stride - 1) / stride * stride - frames
    return ends.isCausal
      ? Padding(left: surplus, right: last)
      : Padding(left: surplus - surplus / 2, right: surplus / 2 + last)
  }

  /// A signal whose ends have been added already.
  func convolved(_ x: Tensor, precision: Precision) -> Tensor {
    let y = x.conv1d(
      weight: weight.lengthened(to: gain), bias: bias, stride: stride, dilation: dilation,
      into: precision.activations)
    return norm.map { $0(y) } ?? y
  }

  /// Frames that one window reads.
  var reach: Int { dilation * (weight.shape[1] - 1) + 1 }
  /// Frames that are added to a signal of a multiple of the stride.
  private var surplus: Int { max(0, reach - stride) }

  /// Shows weight, gain, bias and norm. The gain is a weight: it is the length of one.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("gain", &gain)
    visitor.parameter("bias", &bias, as: .bias)
    visitor.child("norm", &norm)
  }
}

/// What a codec's convolutions add at the ends of a signal, and on which side.
public struct CodecEnds: Sendable, Equatable {
  /// Whether all that does not complete the last window is added at the start.
  public let isCausal: Bool
  /// What is added.
  public let mode: Codec.PaddingMode

  init(_ config: Codec.Config) {
    (isCausal, mode) = (config.isCausal, config.paddingMode)
  }

  /// A signal with its ends added: `[B, T, C] -> [B, left + T + right, C]`.
  ///
  /// A signal that is too short to be mirrored is first lengthened by zeros, which are cut off again at the end.
  ///
  /// - Parameter activating: Whether ELU comes first.
  func padded(_ x: Tensor, _ padding: Padding, activating: Bool = false) -> Tensor {
    func padded(_ x: Tensor, mode: Padding.Mode) -> Tensor {
      activating ? x.elu(padded: padding, mode: mode) : x.padded(padding, mode: mode)
    }
    if mode == .zeros { return padded(x, mode: .zeros) }
    let missing = max(0, max(padding.left, padding.right) + 1 - x.shape[1])
    guard padding != .none, missing > 0 else { return padded(x, mode: .reflect) }
    return padded(x.padded(Padding(left: 0, right: missing)), mode: .reflect)
      .sliced(axis: 1, 0..<padding.total + x.shape[1])
  }
}

extension Tensor {
  /// The lengths of the entries of the first axis: `√Σ w²`, `[N, ...] -> [N]`.
  var rowLengths: Tensor {
    let width = elementCount / max(1, shape[0])
    return reshaped([shape[0], width]).squared().sum(axis: 1).squareRoot()
  }

  /// The gain with which a weight stays as it was drawn; unset if nothing is drawn.
  func initialGain(using generator: some RandomNumberGenerator) -> Tensor {
    generator is BlankGenerator ? .unset([shape[0]]) : rowLengths
  }

  /// Weight norm: the entries of the first axis brought to these lengths, `w[n] = g[n] v[n] / ‖v[n]‖`; unchanged
  /// without any. The first axis of a transposed convolution's weight are the channels that enter.
  ///
  /// Source: Salimans and Kingma 2016; PyTorch's `weight_norm` with `dim` 0.
  func lengthened(to gain: Tensor?) -> Tensor {
    guard let gain else { return self }
    return folded(with: gain) { direction, gain in
      let ones = Array(repeating: 1, count: direction.rank - 1)
      return direction * (gain / direction.rowLengths).reshaped(Shape([direction.shape[0]] + ones))
    }
  }
}
