import Kernels
import Tensor

/// The short-time Fourier transform with a periodic Hann window.
///
/// `S[t, ν] = Σ_n w[n] x[t · hop + n - fftLength / 2] exp(-2πi ν n / fftLength)`, not scaled. With
/// padding, the centre of frame `t` is sample `t · hop`. Computed in Double and rounded.
///
/// - Source: librosa `stft` (`.zeros`, its default since 0.9); torchaudio `Spectrogram` and nnAudio
///   (`.reflection`). These refuse signals that are shorter than the padding; here they are
///   reflected as often as needed.
public struct STFT: Sendable {
  /// The samples before the start and after the end of the signal.
  public enum Padding: String, Codable, Sendable, CaseIterable {
    /// Zeros; `1 + count / hop` frames if `fftLength` is even, `1 + (count - 1) / hop` if it is odd.
    case zeros
    /// The signal mirrored at its first and last sample; the same number of frames.
    case reflection
    /// No padding: frame `t` begins at `t · hop` and ends inside the signal;
    /// `1 + (count - fftLength) / hop` frames, 0 if the signal is too short.
    case none
  }

  /// The measure of a complex spectrum.
  public enum Measure: String, Codable, Sendable, CaseIterable {
    /// The magnitude `|S|`.
    case magnitude
    /// The power `|S|²`.
    case power
  }

  /// The samples of one transform.
  public let fftLength: Int
  let framing: Framing
  private let transform: RealTransform

  /// - Parameters:
  ///   - fftLength: The samples of one transform.
  ///   - windowLength: The samples of the window, which is centred in the transform; `fftLength` if
  ///     nil.
  ///   - hopLength: Samples from one frame to the next.
  ///   - padding: The samples before the start and after the end of the signal.
  /// - Traps when: the window is longer than the transform, or a length is not positive.
  public init(
    fftLength: Int, windowLength: Int? = nil, hopLength: Int, padding: Padding = .zeros
  ) {
    let windowLength = windowLength ?? fftLength
    precondition(
      windowLength > 0 && windowLength <= fftLength && hopLength > 0,
      "STFT: window \(windowLength) must fit the transform \(fftLength), hop \(hopLength) > 0")
    self.fftLength = fftLength
    framing = Framing(
      frameLength: fftLength, windowLength: windowLength, hopLength: hopLength, padding: padding)
    transform = RealTransform(length: fftLength)
  }

  /// Samples from one frame to the next.
  public var hopLength: Int { framing.hopLength }

  /// The number of bins of a spectrum, `fftLength / 2 + 1`.
  public var bins: Int { transform.bins }

  /// The number of frames of a signal of `count` samples.
  public func frames(_ count: Int) -> Int { framing.frames(count) }

  /// `S`, real and imaginary parts, `[frames, bins, 2]`.
  public func callAsFunction(_ samples: [Float]) -> Tensor {
    write(samples, shape: [frames(samples.count), bins, 2]) { writeSpectra(of: $0, into: $1) }
  }

  /// `|S|²`, `[frames, bins]`.
  public func power(_ samples: [Float]) -> Tensor { measured(.power, samples) }

  /// `|S|`, `[frames, bins]`.
  public func magnitude(_ samples: [Float]) -> Tensor { measured(.magnitude, samples) }

  private func measured(_ measure: Measure, _ samples: [Float]) -> Tensor {
    write(samples, shape: [frames(samples.count), bins]) { samples, output in
      write(measure, of: samples, into: output)
    }
  }

  private func write(
    _ samples: [Float], shape: Shape,
    _ body: (UnsafeBufferPointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    Tensor(shape: shape) { (output: UnsafeMutableBufferPointer<Float>) in
      guard let output = output.baseAddress else { return }
      samples.withUnsafeBufferPointer { body($0, output) }
    }
  }
}

extension STFT {
  /// Writes `S` of a signal, `[frames, bins, 2]`.
  func writeSpectra(
    of samples: UnsafeBufferPointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    forEachSpectrum(of: samples) { frame, spectrum in
      for i in 0..<2 * bins { output[frame * 2 * bins + i] = Float(spectrum[i]) }
    }
  }

  /// Writes `|S|²` or `|S|` of a signal, `[frames, bins]`.
  func write(
    _ measure: Measure, of samples: UnsafeBufferPointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    forEachSpectrum(of: samples) { frame, spectrum in
      measure.write(spectrum, into: output + frame * bins, count: bins)
    }
  }

  /// Calls `body` with the number of each frame and its `|S|²` or `|S|`; the pointer is valid
  /// during the call only.
  func forEach(
    _ measure: Measure, of samples: UnsafeBufferPointer<Float>,
    _ body: (Int, UnsafePointer<Float>) -> Void
  ) {
    let values = AlignedFloats(bins)
    forEachSpectrum(of: samples) { frame, spectrum in
      measure.write(spectrum, into: values.base, count: bins)
      body(frame, values.base)
    }
  }

  /// Calls `body` with the number of each frame and its `S`, which `body` may change; the pointer
  /// is valid during the call only.
  func forEachSpectrum(
    of samples: UnsafeBufferPointer<Float>, _ body: (Int, UnsafeMutablePointer<Double>) -> Void
  ) {
    let (input, spectrum) = (AlignedDoubles(fftLength), AlignedDoubles(2 * bins))
    for frame in 0..<frames(samples.count) {
      framing.load(frame, of: samples, into: input.base)
      transform(input.base, into: spectrum.base)
      body(frame, spectrum.base)
    }
  }
}

extension STFT.Measure {
  fileprivate func write(
    _ spectrum: UnsafePointer<Double>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch self {
    case .magnitude: etude_magnitude(output, spectrum, count)
    case .power: etude_power(output, spectrum, count)
    }
  }
}
