import Foundation
import Synchronization

/// The filters of torchaudio's default resampler: one windowed sinc for each phase.
///
/// With both rates divided by their greatest common divisor, `old : new`, and
/// `b = 0.99 · min(old, new)`, output `n = k·new + p` is the sum over inputs `m` of `x[m] · h(t)`
/// at `t = b · (m / old − n / new)`, with `h(t) = b / old · sinc(t) · cos²(π t / 12)` for
/// `|t| < 6`, else 0. Samples outside the signal are 0.
///
/// - Source: torchaudio 2.11 `functional.resample`: `sinc_interp_hann`, `lowpass_filter_width` 6,
///   `rolloff` 0.99. torchaudio also multiplies the zeros of the filters; here each phase has only
///   its own taps.
final class SincKernels: Sendable {
  private static let zeroCrossings = 6.0
  private static let rolloff = 0.99

  /// The inputs and outputs of one period.
  let (old, new): (Int, Int)
  /// The reach of the filters before the first and after the last sample of a period.
  let reach: Int
  /// The number of taps of a phase, a multiple of 8; the last taps are zeros.
  let taps: Int
  /// The position of the first tap of each phase, counted from `reach` samples before the period.
  let firsts: [Int]
  /// `[new, taps]`
  let weights: [Float]

  private init(old: Int, new: Int) {
    let base = Double(min(old, new)) * Self.rolloff
    let span = Self.zeroCrossings * Double(old) / base
    (self.old, self.new, reach) = (old, new, Int(span.rounded(.up)))
    let taps = (Int((2 * span).rounded(.up)) + 1 + 7) & ~7
    let reach = reach
    firsts = (0..<new).map { phase in
      let centre = Double(phase) * Double(old) / Double(new)
      return max(0, reach + Int((centre - span).rounded(.up)))
    }
    weights = zip(0..<new, firsts).flatMap { phase, first in
      // torchaudio rounds the phase to float32.
      let shift = Double(Float(-phase) / Float(new))
      return (first..<first + taps).map { tap -> Float in
        let time = shift + Double(tap - reach) / Double(old)
        return Float(Self.weight(at: time * base) * base / Double(old))
      }
    }
    self.taps = taps
  }

  private static func weight(at t: Double) -> Double {
    guard abs(t) < zeroCrossings else { return 0 }
    let window = cos(t * .pi / zeroCrossings / 2)
    return window * window * (t == 0 ? 1 : sin(.pi * t) / (.pi * t))
  }

  private static let made = Mutex<[[Int]: SincKernels]>([:])

  /// The filters between two rates, computed once and cached.
  static func shared(from old: Int, to new: Int) -> SincKernels {
    let divisor = old.commonDivisor(with: new)
    return made.withLock { made in
      let ratio = [old / divisor, new / divisor]
      if let kernels = made[ratio] { return kernels }
      let kernels = SincKernels(old: ratio[0], new: ratio[1])
      made[ratio] = kernels
      return kernels
    }
  }
}
