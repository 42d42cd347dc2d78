import Kernels
import Tensor

/// One pass of torchaudio's default resampler.
struct SincStream: ResamplingStream {
  private let kernels: SincKernels
  /// Samples from `reach` before the next period on.
  private var pending: [Float]
  private var (taken, given) = (0, 0)

  init(_ kernels: SincKernels) {
    self.kernels = kernels
    pending = [Float](repeating: 0, count: kernels.reach)
  }

  mutating func push(_ samples: [Float]) -> [Float] {
    taken += samples.count
    pending += samples
    let ready = max(0, (pending.count - kernels.old - lookAhead) / kernels.old + 1)
    return take(periods: pending.count < kernels.old + lookAhead ? 0 : ready)
  }

  mutating func finish() -> [Float] {
    let rest = Resampler.sinc.count(of: taken, from: kernels.old, to: kernels.new) - given
    let periods = (rest + kernels.new - 1) / kernels.new
    pending += [Float](repeating: 0, count: kernels.old + lookAhead)
    return Array(take(periods: periods).prefix(rest))
  }

  /// What the last phase's taps may need past a period: the filter's reach on both sides, and the zeros
  /// that fill up its taps.
  private var lookAhead: Int { kernels.reach + kernels.taps }

  private mutating func take(periods: Int) -> [Float] {
    defer {
      pending.removeFirst(periods * kernels.old)
      given += periods * kernels.new
    }
    return kernels.apply(to: pending, periods: periods)
  }
}

extension SincKernels {
  /// `periods · new` outputs; `input` begins `reach` samples before the first period.
  fileprivate func apply(to input: [Float], periods: Int) -> [Float] {
    precondition(
      periods == 0 || (periods - 1) * old + firsts.last! + taps <= input.count,
      "sinc: \(input.count) samples are too few for \(periods) periods of \(old)")
    // With room for the signal's last periods, so that they are appended in place.
    let room = (periods + 2 + (reach + taps) / old) * new
    return [Float](unsafeUninitializedCapacity: room) { buffer, count in
      // Safe: the cores write disjoint ranges.
      nonisolated(unsafe) let output = buffer.baseAddress
      input.withUnsafeBufferPointer { input in
        nonisolated(unsafe) let input = input.baseAddress
        Cores.parallel(periods, grain: 1 + 16_384 / new) { range in
          guard let output, let input else { return }
          etude_polyphase(
            output + range.lowerBound * new, input + range.lowerBound * old, range.count, old,
            weights, firsts, new, taps)
        }
      }
      count = periods * new
    }
  }
}
