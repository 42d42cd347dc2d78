import CFFTW
import Synchronization
import Tensor

/// A planned FFTW transform. Running one is safe from many threads at once; making and destroying
/// them is not, so these take turns here.
///
/// Plans are estimated, never timed: the same bits come out of every run.
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

/// FFTW's view of complex numbers that lie as real and imaginary part side by side.
private func complex(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
  UnsafeMutableRawPointer(floats).assumingMemoryBound(to: fftwf_complex.self)
}

private func complex(_ doubles: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<fftw_complex>
{
  UnsafeMutableRawPointer(doubles).assumingMemoryBound(to: fftw_complex.self)
}

/// Real samples of a frame to the bins `0...length / 2` of their spectrum, real and imaginary part side
/// by side: `X[ν] = Σ x[n] exp(-2πi ν n / length)`.
///
/// In Double, which at the lengths of frames takes no longer in FFTW, and keeps bands that lie 70 dB
/// under the loudest out of the rounding.
final class RealTransform: Sendable {
  let length: Int
  private let plan: FourierPlan

  /// Non-redundant bins.
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
  ///   - input: `length` samples, aligned; left as they are.
  ///   - spectrum: Where the bins go, aligned.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_r2c(plan.plan, input, complex(spectrum))
  }
}

/// The way back, without a factor: `x[n] = Σ_ν X[ν] exp(2πi ν n / length)` over all `length` bins, those
/// above `length / 2` being mirrored.
final class RealInverseTransform: Sendable {
  private let plan: FourierPlan

  init(length: Int) {
    plan = FourierPlan(destroying: { fftw_destroy_plan($0) }) {
      let (input, output) = (AlignedDoubles(2 * (length / 2 + 1)), AlignedDoubles(length))
      return fftw_plan_dft_c2r_1d(Int32(length), complex(input.base), output.base, FFTW_ESTIMATE)
    }
  }

  /// - Parameters:
  ///   - spectrum: Bins `0...length / 2`, aligned; overwritten.
  ///   - output: Where the samples go, aligned.
  func callAsFunction(
    _ spectrum: UnsafeMutablePointer<Double>, into output: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_c2r(plan.plan, complex(spectrum), output)
  }
}

/// `RealTransform` of a whole block of a signal, in Float: at such lengths memory is what it waits for.
final class BlockTransform: Sendable {
  let length: Int
  private let plan: FourierPlan

  /// Non-redundant bins.
  var bins: Int { length / 2 + 1 }

  init(length: Int) {
    self.length = length
    plan = FourierPlan(destroying: { fftwf_destroy_plan($0) }) {
      let (input, output) = (AlignedFloats(length), AlignedFloats(2 * (length / 2 + 1)))
      return fftwf_plan_dft_r2c_1d(
        Int32(length), input.base, complex(output.base), FFTW_ESTIMATE | FFTW_PRESERVE_INPUT)
    }
  }

  /// Both aligned; `input` is left as it is.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Float>, into spectrum: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft_r2c(plan.plan, input, complex(spectrum))
  }
}

/// The inverse transform of complex numbers, without a factor:
/// `x[m] = Σ X[ν] exp(2πi ν m / length)`.
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

  /// Both aligned; `input` is left as it is.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_dft(plan.plan, complex(input), complex(output))
  }
}
