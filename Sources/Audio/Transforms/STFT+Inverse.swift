import Tensor

extension STFT {
  /// The signal whose transform is nearest to a spectrum:
  /// `x[n] = Σ_t w[n - t hop] s_t[n - t hop] / Σ_t w²[n - t hop]`, with `s_t` the inverse transform of frame `t`.
  ///
  /// Of the transform of a signal it is that signal, where the windows reach.
  ///
  /// - Parameters:
  ///   - spectrum: Real and imaginary parts, `[frames, bins, 2]`.
  ///   - count: The samples of the signal.
  /// - Traps when: the spectrum does not have the frames and bins of a signal of so many samples.
  /// - Source: Griffin and Lim 1984, equation 6; librosa and PyTorch `istft`.
  public func inverse(_ spectrum: Tensor, count: Int) -> [Float] {
    precondition(
      spectrum.shape == [frames(count), bins, 2],
      "STFT.inverse: \(count) samples have the shape \([frames(count), bins, 2]), got \(spectrum.shape)"
    )
    // Frames reach into the padding, which is not part of the signal.
    let framing = framing.withoutReflection
    let (inverse, half) = (RealInverseTransform(length: fftLength), AlignedDoubles(2 * bins))
    let (values, window) = (AlignedDoubles(fftLength), framing.window)
    var (signal, weights) = (
      [Float](repeating: 0, count: count), [Float](repeating: 0, count: count)
    )
    spectrum.read { numbers in
      for frame in 0..<frames(count) {
        for i in 0..<2 * bins { half.base[i] = Double(numbers[frame * 2 * bins + i]) }
        inverse(half.base, into: values.base)
        signal.withUnsafeMutableBufferPointer { framing.add(values.base, of: frame, to: $0) }
        weights.withUnsafeMutableBufferPointer { framing.add(window, of: frame, to: $0) }
      }
    }
    let scale = 1 / Float(fftLength)
    return zip(signal, weights).map { sum, weight in weight > 1e-8 ? scale * sum / weight : 0 }
  }
}
