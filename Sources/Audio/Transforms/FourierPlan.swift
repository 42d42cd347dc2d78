import CFFTW
import Synchronization
import Tensor

/// A plan of an FFTW transform. A plan may run on many threads at once. Creating and destroying
/// plans is not thread-safe in FFTW, so a lock protects both.
///
/// Plans are estimated, not measured, so that every run gives the same bits.
final class FourierPlan: @unchecked Sendable {
  // Safe to share: FFTW's new-array execution does not change a plan.
  private static let planner = Mutex(())
  let plan: OpaquePointer
  private let destroy: (OpaquePointer) -> Void

  init(destroying destroy: @escaping (OpaquePointer) -> Void, _ make: () -> OpaquePointer?) {
    nonisolated(unsafe) let make = make
    nonisolated(unsafe) let made = FourierPlan.planner.withLock { _ in
      nonisolated(unsafe) let plan = make()
      return plan
    }
    guard let made else { preconditionFailure("FFTW cannot plan this transform") }
    (plan, self.destroy) = (made, destroy)
  }

  deinit {
    nonisolated(unsafe) let (plan, destroy) = (plan, destroy)
    FourierPlan.planner.withLock { _ in destroy(plan) }
  }
}

/// Pairs of real and imaginary parts, as FFTW's complex numbers.
func complex(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
  UnsafeMutableRawPointer(floats).assumingMemoryBound(to: fftwf_complex.self)
}

private func complex(_ doubles: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<fftw_complex>
{
  UnsafeMutableRawPointer(doubles).assumingMemoryBound(to: fftw_complex.self)
}

/// The transform of a frame's real samples to the bins `0...length / 2` of their spectrum, pairs of
/// real and imaginary parts: `X[ν] = Σ x[n] exp(-2πi ν n / length)`.
///
/// In Double, which takes no longer in FFTW for frames of usual length. Rounding in Float would
/// swamp bands that are 70 dB below the loudest.
final class RealTransform: Sendable {
  let length: Int
  private let plan: FourierPlan

  /// The number of bins that are not mirrored.
  var bins: Int { length / 2 + 1 }

  init(length: Int) {
    self.length = length
    plan = FourierPlan(destroying: { fftw_destroy_plan($0) }) {
      let (input, output) = (AlignedDoubles(length), AlignedDoubles(2 * (length / 2 + 1)))
      return fftw_plan_dft_r2c_1d(
        Int32(length), input.base, complex(output.base), FFTW_ESTIMATE | FFTW_PRESERVE_INPUT)
    }
  }

  /// - Parameters:
  ///   - input: `length` samples, aligned; not changed.
  ///   - spectrum: Room for the bins, aligned.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_r2c(plan.plan, input, complex(spectrum))
  }
}

/// The inverse transform, not scaled: `x[n] = Σ_ν X[ν] exp(2πi ν n / length)` over all `length`
/// bins, where the bins above `length / 2` are mirrored.
final class RealInverseTransform: Sendable {
  private let plan: FourierPlan

  init(length: Int) {
    plan = FourierPlan(destroying: { fftw_destroy_plan($0) }) {
      let (input, output) = (AlignedDoubles(2 * (length / 2 + 1)), AlignedDoubles(length))
      return fftw_plan_dft_c2r_1d(Int32(length), complex(input.base), output.base, FFTW_ESTIMATE)
    }
  }

  /// - Parameters:
  ///   - spectrum: The bins `0...length / 2`, aligned; overwritten.
  ///   - output: Room for the samples, aligned.
  func callAsFunction(
    _ spectrum: UnsafeMutablePointer<Double>, into output: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_c2r(plan.plan, complex(spectrum), output)
  }
}

/// `RealTransform` of a whole block of a signal, in Float: at such lengths the speed is limited by
/// memory.
final class BlockTransform: Sendable {
  let length: Int
  private let plan: FourierPlan

  /// The number of bins that are not mirrored.
  var bins: Int { length / 2 + 1 }

  init(length: Int) {
    self.length = length
    plan = FourierPlan(destroying: { fftwf_destroy_plan($0) }) {
      let (input, output) = (AlignedFloats(length), AlignedFloats(2 * (length / 2 + 1)))
      return fftwf_plan_dft_r2c_1d(
        Int32(length), input.base, complex(output.base), FFTW_ESTIMATE | FFTW_PRESERVE_INPUT)
    }
  }

  /// Both pointers must be aligned; `input` is not changed.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Float>, into spectrum: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft_r2c(plan.plan, input, complex(spectrum))
  }
}

/// The inverse transform of complex numbers, not scaled: `x[m] = Σ X[ν] exp(2πi ν m / length)`.
final class InverseTransform: Sendable {
  let length: Int
  private let plan: FourierPlan

  init(length: Int) {
    self.length = length
    plan = FourierPlan(destroying: { fftwf_destroy_plan($0) }) {
      let (input, output) = (AlignedFloats(2 * length), AlignedFloats(2 * length))
      return fftwf_plan_dft_1d(
        Int32(length), complex(input.base), complex(output.base), FFTW_BACKWARD,
        FFTW_ESTIMATE | FFTW_PRESERVE_INPUT)
    }
  }

  /// Both pointers must be aligned; `input` is not changed.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft(plan.plan, complex(input), complex(output))
  }
}
