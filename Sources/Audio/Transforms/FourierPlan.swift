import CFFTW
import Synchronization

/// A planned FFTW transform. Running one is safe from many threads at once; making and destroying
/// them is not, so these take turns here.
///
/// Plans are estimated, never timed: the same bits come out of every run.
final class FourierPlan: @unchecked Sendable {
  // Safe to share: FFTW's new-array execution does not change a plan.
  private static let planner = Mutex(())
  let plan: fftwf_plan

  init(_ make: () -> fftwf_plan?) {
    nonisolated(unsafe) let make = make
    nonisolated(unsafe) let made = FourierPlan.planner.withLock { _ in
      nonisolated(unsafe) let plan = make()
      return plan
    }
    guard let made else { preconditionFailure("FFTW cannot plan this transform") }
    plan = made
  }

  deinit {
    nonisolated(unsafe) let plan = plan
    FourierPlan.planner.withLock { _ in fftwf_destroy_plan(plan) }
  }
}

/// Real samples to the bins `0...length / 2` of their spectrum, real and imaginary parts apart:
/// `X[ν] = Σ x[n] exp(-2πi ν n / length)`.
final class RealTransform: Sendable {
  let length: Int
  /// Floats between the first real and the first imaginary part.
  let separation: Int
  private let plan: FourierPlan

  /// Non-redundant bins.
  var bins: Int { length / 2 + 1 }

  init(length: Int, separation: Int? = nil) {
    let apart = separation ?? AlignedFloats.rounded(length / 2 + 1)
    (self.length, self.separation) = (length, apart)
    plan = FourierPlan {
      let (input, output) = (AlignedFloats(length), AlignedFloats(2 * apart))
      var axis = fftwf_iodim(n: Int32(length), is: 1, os: 1)
      return fftwf_plan_guru_split_dft_r2c(
        1, &axis, 0, nil, input.base, output.base, output.base + apart, FFTW_ESTIMATE)
    }
  }

  /// - Parameters:
  ///   - input: `length` samples, aligned; left as they are.
  ///   - real: Where the real parts go, aligned; the imaginary ones go `separation` further.
  func callAsFunction(
    _ input: UnsafeMutablePointer<Float>, into real: UnsafeMutablePointer<Float>
  ) {
    fftwf_execute_split_dft_r2c(plan.plan, input, real, real + separation)
  }
}

/// `count` inverse transforms of `length` complex numbers each, in place and without a factor:
/// `x[m] = Σ X[ν] exp(+2πi ν m / length)`.
final class InverseTransforms: Sendable {
  let length: Int
  let count: Int
  private let plan: FourierPlan

  init(length: Int, count: Int) {
    (self.length, self.count) = (length, count)
    plan = FourierPlan {
      let apart = InverseTransforms.separation(length, count)
      let memory = AlignedFloats(2 * apart)
      var axis = fftwf_iodim(n: Int32(length), is: 1, os: 1)
      var rows = fftwf_iodim(n: Int32(count), is: Int32(length), os: Int32(length))
      let (real, imaginary) = (memory.base, memory.base + apart)
      // A forward transform with real and imaginary parts exchanged is the inverse one.
      return fftwf_plan_guru_split_dft(
        1, &axis, 1, &rows, imaginary, real, imaginary, real, FFTW_ESTIMATE)
    }
  }

  /// Floats between the real parts and the imaginary ones.
  var separation: Int { InverseTransforms.separation(length, count) }

  private static func separation(_ length: Int, _ count: Int) -> Int {
    AlignedFloats.rounded(length * count)
  }

  /// - Parameter real: `[count, length]` real parts, aligned; the imaginary ones `separation`
  ///   further.
  func callAsFunction(_ real: UnsafeMutablePointer<Float>) {
    let imaginary = real + separation
    fftwf_execute_split_dft(plan.plan, imaginary, real, imaginary, real)
  }
}
