import Foundation
import Tensor

/// A transposed convolution of a codec: `[B, T, I] -> [B, T · stride, O]`, with a normalised weight or a norm after
/// it.
///
/// Its `K - stride` frames too many are cut off: a causal one cuts a share of them at the end and the rest at the
/// start, others `⌊(K - stride) / 2⌋` at the end and the rest at the start.
///
/// Source: EnCodec's `SConvTranspose1d`; `transformers` `EncodecConvTranspose1d`.
public struct CodecTransposedConvolution: Module {
  /// `[I, K, O]`; with a gain its direction alone counts.
  public var weight: Tensor
  /// The length of each *input* channel's weight, `[I]`; nil takes the weights as they are.
  public var gain: Tensor?
  /// `[O]`
  public var bias: Tensor
  /// Over channels and time, before the ends are cut off.
  public var norm: GroupNorm?
  /// Frames from one window to the next.
  public let stride: Int
  /// Frames that are cut off.
  public let trimming: Padding

  /// - Parameters:
  ///   - input: Channels that enter, `I`.
  ///   - output: Channels that leave, `O`.
  ///   - stride: Frames from one window to the next; a window has twice as many taps.
  ///   - config: Norm and what is cut off.
  ///   - generator: Draws the initial weights.
  public init(
    from input: Int, to output: Int, stride: Int, _ config: Codec.Config,
    using generator: inout some RandomNumberGenerator
  ) {
    let kernel = 2 * stride
    weight = .initial([input, kernel, output], fanIn: output * kernel, using: &generator)
    gain = config.norm == .weight ? weight.initialGain(using: generator) : nil
    bias = .initial([output], fanIn: output * kernel, using: &generator)
    norm = config.norm == .group ? GroupNorm(channels: output) : nil
    self.stride = stride
    let surplus = kernel - stride
    let right =
      config.isCausal ? Int((Double(surplus) * config.trimRightRatio).rounded(.up)) : surplus / 2
    trimming = Padding(left: surplus - right, right: right)
  }

  /// - Parameter x: `[B, T, I]`, at least one frame.
  /// - Returns: `[B, T · stride, O]`, in the numbers of `x`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let weight = weight.lengthened(to: gain)
    guard let norm else {
      return x.transposedConv1d(weight: weight, bias: bias, stride: stride, trimming: trimming)
    }
    let y = norm(x.transposedConv1d(weight: weight, bias: bias, stride: stride))
    return y.sliced(axis: 1, trimming.left..<y.shape[1] - trimming.right)
  }

  /// Shows weight, gain, bias and norm. The gain is a weight: it is the length of one.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("gain", &gain)
    visitor.parameter("bias", &bias, as: .bias)
    visitor.child("norm", &norm)
  }
}
