import Models
import Tensor

/// Two convolutions of 3 × 3 taps beside a third, each with a batch norm:
/// `relu(norm(conv(relu(norm(conv(x))))) + norm(conv(x)))`.
///
/// The first convolution and the one beside take every second band, and one frame of `timeStride`.
///
/// Source: `Res2dModule` of MusicFM and MuQ.
public struct ResidualBlock: Module {
  /// The first convolution.
  public var first: Conv2d
  /// After the first.
  public var firstNorm: BatchNorm
  /// The second convolution, of stride 1.
  public var second: Conv2d
  /// After the second.
  public var secondNorm: BatchNorm
  /// The convolution beside both.
  public var skip: Conv2d
  /// After the one beside.
  public var skipNorm: BatchNorm

  /// Weights and biases from U(±1/√(9 I)), PyTorch's default.
  ///
  /// - Parameters:
  ///   - input: Channels that enter, `I`.
  ///   - output: Channels that leave, `O`.
  ///   - timeStride: Frames from one window to the next.
  ///   - generator: Draws the initial weights.
  public init(
    from input: Int, to output: Int, timeStride: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    let (time, bands) = (Self.axis(timeStride), Self.axis(2))
    first = Conv2d(
      from: input, to: output, kernel: (3, 3), time: time, frequency: bands, using: &generator)
    second = Conv2d(
      from: output, to: output, kernel: (3, 3), time: Self.axis(1), frequency: Self.axis(1),
      using: &generator)
    skip = Conv2d(
      from: input, to: output, kernel: (3, 3), time: time, frequency: bands, using: &generator)
    let norm = BatchNorm(channels: output)
    (firstNorm, secondNorm, skipNorm) = (norm, norm, norm)
  }

  private static func axis(_ stride: Int) -> ConvolutionAxis {
    ConvolutionAxis(stride: stride, padding: .both(1))
  }

  /// - Parameters:
  ///   - x: `[B, T, F, I]`
  ///   - pass: The pass: whether it trains, and what it keeps.
  /// - Returns: `[B, T', ⌈F / 2⌉, O]`
  public func callAsFunction(_ x: Tensor, in pass: ForwardPass) -> Tensor {
    let inner = firstNorm(first(x), in: pass).relu()
    let main = secondNorm(second(inner), in: pass)
    return (main + skipNorm(skip(x), in: pass)).relu()
  }

  /// Takes what a training pass measured, in the order of the pass.
  mutating func updateStatistics(from rest: inout ArraySlice<BatchStatistics>) {
    firstNorm.updateStatistics(from: &rest)
    secondNorm.updateStatistics(from: &rest)
    skipNorm.updateStatistics(from: &rest)
  }

  /// Shows convolutions and norms.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("first", &first)
    visitor.child("firstNorm", &firstNorm)
    visitor.child("second", &second)
    visitor.child("secondNorm", &secondNorm)
    visitor.child("skip", &skip)
    visitor.child("skipNorm", &skipNorm)
  }
}
