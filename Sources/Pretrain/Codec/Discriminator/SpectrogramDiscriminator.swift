import Audio
import Models
import Tensor

/// What a discriminator computes from waveforms.
public struct DiscriminatorOutput {
  /// Its estimate for each place of the spectrogram, `[B, T, F', 1]`: above 0 for an original.
  public var logits: Tensor
  /// The results of its hidden layers, `[B, T, F', C]`.
  public var features: [Tensor]
}

/// Distinguishes originals from reconstructions by their complex spectrogram, with windows of one length.
///
/// The real and the imaginary parts of `S / √Σ w²` are two channels over time and frequency. Five convolutions with a
/// leaky ReLU follow, three of which halve the frequencies and reach farther and farther in time, and one with a single
/// channel. All but the first have weight norm.
///
/// Source: Défossez et al. 2022 (EnCodec), section 3.4; `encodec/msstftd.py`. The paper has kernels of 3 × 8, the code
/// has 3 × 9.
public struct SpectrogramDiscriminator: Module {
  /// The five convolutions before the last.
  public var convolutions: [Conv2d]
  /// The last convolution.
  public var output: Conv2d
  private let stft: STFT
  private let scale: Float
  private let slope: Float

  /// Weights and biases from U(±1/√fan-in).
  ///
  /// - Parameters:
  ///   - windowLength: The samples of a window, a multiple of 4; the hop is a quarter of it.
  ///   - filters: The channels of a hidden layer.
  ///   - slope: The slope of the leaky ReLU below 0.
  ///   - generator: Draws the initial weights.
  public init(
    windowLength: Int, filters: Int, slope: Float, using generator: inout some RandomNumberGenerator
  ) {
    convolutions = [.wide(from: 2, to: filters, hasGain: false, using: &generator)]
    for dilation in [1, 2, 4] {
      convolutions.append(
        .wide(from: filters, to: filters, stride: 2, dilation: dilation, using: &generator))
    }
    convolutions.append(.narrow(from: filters, to: filters, using: &generator))
    output = .narrow(from: filters, to: 1, using: &generator)
    stft = STFT(fftLength: windowLength, hopLength: windowLength / 4, padding: .none)
    // The sum of the squares of a periodic Hann window.
    scale = 1 / (0.375 * Float(windowLength)).squareRoot()
    self.slope = slope
  }

  /// - Parameter waveforms: `[B, L]`, at least one window long.
  /// - Traps when: the shape is not `[B, L]`, or a waveform is shorter than a window.
  public func callAsFunction(_ waveforms: Tensor) -> DiscriminatorOutput {
    precondition(
      waveforms.rank == 2 && waveforms.shape[1] >= stft.fftLength,
      "SpectrogramDiscriminator: needs waveforms [B, L] of at least \(stft.fftLength) samples, got "
        + "\(waveforms.shape)")
    var x = stft(waveforms) * scale  // [B, T, F, 2]
    var features: [Tensor] = []
    for convolution in convolutions {
      x = convolution(x).leakyReLU(slope: slope)
      features.append(x)
    }
    return DiscriminatorOutput(logits: output(x), features: features)
  }

  /// Shows the convolutions.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.children("convolutions", &convolutions)
    visitor.child("output", &output)
  }
}

extension Conv2d {
  /// Three taps over time and nine over frequency; the times stay as many.
  fileprivate static func wide(
    from input: Int, to output: Int, stride: Int = 1, dilation: Int = 1, hasGain: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) -> Conv2d {
    Conv2d(
      from: input, to: output, kernel: (time: 3, frequency: 9),
      time: ConvolutionAxis(dilation: dilation, padding: .both(dilation)),
      frequency: ConvolutionAxis(stride: stride, padding: .both(4)), hasGain: hasGain,
      using: &generator)
  }

  /// Three taps over time and over frequency.
  fileprivate static func narrow(
    from input: Int, to output: Int, using generator: inout some RandomNumberGenerator
  ) -> Conv2d {
    let axis = ConvolutionAxis(padding: .both(1))
    return Conv2d(
      from: input, to: output, kernel: (time: 3, frequency: 3), time: axis, frequency: axis,
      hasGain: true, using: &generator)
  }
}
