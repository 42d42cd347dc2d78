import Kernels
import Tensor

/// A pass of torchaudio's default resampler over one signal.
struct SincStream: ResamplingStream {
  private let kernels: SincKernels
  /// The input from `reach` samples before the next period on.
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

  /// The samples after a period that the taps of the last phase may read: the reach of the filter
  /// on both sides, and the zeros at the end of its taps.
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
    // Reserves room for the last periods of the signal, so that they are appended in place.
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
