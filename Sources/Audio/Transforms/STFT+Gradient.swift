import Tensor

extension STFT {
  /// `S` of a batch of waveforms, real and imaginary parts, `[B, samples] -> [B, frames, bins, 2]`.
  ///
  /// - Gradient: `dx[n] = Σ_t w Σ_ν Re(dS[t, ν] exp(2πi ν n / fftLength))` over the bins that are
  ///   not mirrored, added where frames overlap; keeps nothing.
  /// - Traps when: the shape is not `[B, samples]`.
  public func callAsFunction(_ waveforms: Tensor) -> Tensor {
    let x = waveforms.detached()
    return x.mappingRows(to: [x.frames(of: self), bins, 2]) { samples, output in
      writeSpectra(of: samples, into: output.baseAddress!)
    }
    .derived(from: waveforms.edge { dy in transposed(dy, like: x) })
  }

  /// The gradient of the waveforms from `dy`, `[B, frames, bins, 2]`.
  private func transposed(_ dy: Tensor, like waveforms: Tensor) -> Tensor {
    let inverse = RealInverseTransform(length: fftLength)
    let slice = dy.elementCount / max(1, dy.shape[0])
    return dy.read { dy in
      waveforms.mappingRows(to: [waveforms.shape[1]]) { row, samples, dx in
        dx.update(repeating: 0)
        let (spectrum, values) = (AlignedDoubles(2 * bins), AlignedDoubles(fftLength))
        for frame in 0..<frames(samples.count) {
          load(dy.baseAddress! + row * slice + frame * 2 * bins, into: spectrum.base)
          inverse(spectrum.base, into: values.base)
          framing.add(values.base, of: frame, to: dx)
        }
      }
    }
  }

  /// The half spectrum whose inverse transform is the gradient of a frame: that counts mirrored
  /// bins twice and the other bins once.
  private func load(_ dy: UnsafePointer<Float>, into spectrum: UnsafeMutablePointer<Double>) {
    for bin in 0..<bins {
      let share = bin == 0 || 2 * bin == fftLength ? 1 : 0.5
      spectrum[2 * bin] = share * Double(dy[2 * bin])
      spectrum[2 * bin + 1] = share * Double(dy[2 * bin + 1])
    }
  }

  /// `|S|²` of a batch of waveforms, `[B, samples] -> [B, frames, bins]`.
  ///
  /// - Gradient: `dx[n] = Σ_t w Σ_ν 2 dy[t, ν] Re(S[t, ν] exp(2πi ν n / fftLength))`, added where
  ///   frames overlap; keeps the waveforms and computes their spectra again.
  /// - Traps when: the shape is not `[B, samples]`.
  public func power(_ waveforms: Tensor) -> Tensor { measured(.power, waveforms) }

  /// `|S|` of a batch of waveforms, `[B, samples] -> [B, frames, bins]`.
  ///
  /// - Gradient: that of `power` divided by `2 |S|`, and 0 where `S` is 0.
  /// - Traps when: the shape is not `[B, samples]`.
  public func magnitude(_ waveforms: Tensor) -> Tensor { measured(.magnitude, waveforms) }

  func measured(_ measure: Measure, _ waveforms: Tensor) -> Tensor {
    let x = waveforms.detached()
    return x.mappingRows(to: [x.frames(of: self), bins]) { samples, output in
      write(measure, of: samples, into: output.baseAddress!)
    }
    .derived(from: waveforms.edge { dy in gradient(of: measure, at: x, along: dy) })
  }

  /// The gradient of the waveforms from `dy`, `[B, frames, bins]`.
  private func gradient(of measure: Measure, at waveforms: Tensor, along dy: Tensor) -> Tensor {
    let inverse = RealInverseTransform(length: fftLength)
    let slice = dy.elementCount / max(1, dy.shape[0])
    return dy.read { dy in
      waveforms.mappingRows(to: [waveforms.shape[1]]) { row, samples, dx in
        dx.update(repeating: 0)
        let values = AlignedDoubles(fftLength)
        forEachSpectrum(of: samples) { frame, spectrum in
          measure.scale(spectrum, by: dy.baseAddress! + row * slice + frame * bins, fftLength)
          inverse(spectrum, into: values.base)
          framing.add(values.base, of: frame, to: dx)
        }
      }
    }
  }
}

extension STFT.Measure {
  /// Turns `S` into the half spectrum whose inverse transform is the gradient of the frame. The
  /// inverse transform counts mirrored bins twice and the other bins once.
  fileprivate func scale(
    _ spectrum: UnsafeMutablePointer<Double>, by dy: UnsafePointer<Float>, _ length: Int
  ) {
    for bin in 0...length / 2 {
      let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
      let isAlone = bin == 0 || 2 * bin == length
      var factor = Double(isAlone ? 2 * dy[bin] : dy[bin])
      if self == .magnitude {
        let magnitude = (real * real + imaginary * imaginary).squareRoot()
        factor = magnitude == 0 ? 0 : factor / (2 * magnitude)
      }
      (spectrum[2 * bin], spectrum[2 * bin + 1]) = (factor * real, factor * imaginary)
    }
  }
}

extension Tensor {
  fileprivate func frames(of stft: STFT) -> Int {
    precondition(rank == 2, "STFT: expected waveforms [B, samples], got shape \(shape)")
    return stft.frames(shape[1])
  }
}
