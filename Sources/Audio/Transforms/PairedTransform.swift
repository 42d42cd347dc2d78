import CFFTW

/// Spectra of the frames of a real signal, in Float: two frames in one complex transform, several
/// transforms in one call.
///
/// For losses, which need speed and compare energies above a floor: rounding is at about 1e-13 of
/// the loudest energy of the two frames.
final class PairedTransform: Sendable {
  let length: Int
  /// The transforms of one call.
  let pairs: Int
  private let forward, inverse: FourierPlan

  /// - Parameter length: The samples of a frame.
  init(length: Int) {
    let pairs = max(1, 2048 / length)
    func plan(_ sign: Int32) -> FourierPlan {
      FourierPlan(destroying: { fftwf_destroy_plan($0) }) {
        let (input, output) = (AlignedFloats(2 * length * pairs), AlignedFloats(2 * length * pairs))
        var lengths = [Int32(length)]
        return fftwf_plan_many_dft(
          1, &lengths, Int32(pairs), complex(input.base), nil, 1, Int32(length),
          complex(output.base), nil, 1, Int32(length), sign, FFTW_ESTIMATE)
      }
    }
    (self.length, self.pairs) = (length, pairs)
    (forward, inverse) = (plan(FFTW_FORWARD), plan(FFTW_BACKWARD))
  }

  /// `[pairs, length]` complex numbers to as many; both aligned. The input may be overwritten.
  func callAsFunction(
    _ frames: UnsafeMutablePointer<Float>, into spectra: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft(forward.plan, complex(frames), complex(spectra))
  }

  /// The inverse, not scaled.
  func inverse(
    _ spectra: UnsafeMutablePointer<Float>, into frames: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft(inverse.plan, complex(spectra), complex(frames))
  }
}
