import Foundation
import Tensor

/// The distance of two waveforms at one length of the window, as energies of mel bands and as their
/// logarithms:
///
/// `d(x, y) = mean |E(x) - E(y)| + α mean (log10(E(x) + ε) - log10(E(y) + ε))²` over rows, frames
/// and bands, with `ε = 1e-5`. `E(x) = Σ_ν W[m, ν] |S[t, ν]|² / Σ w²` for a periodic Hann window `w`
/// and HTK bands whose peak is 1. The hop is a quarter of the window. A signal of `L` samples is
/// reflected by `(window - hop) / 2` samples at each end, and zeros complete its last frame, so that
/// there are `ceil(L / hop)` frames.
///
/// Computed in Float, with all frames of a block at once, and without a spectrogram in memory.
///
/// - Source: Défossez et al. 2022 (EnCodec), section 3.4; audiocraft `losses/specloss.py`.
///   Reflections longer than the signal, which that refuses, are reflected again.
public struct MelDistance: Sendable {
  /// The samples of a window and of its transform.
  public let windowLength: Int
  /// Mel bands, including those that lie between two bins and have no energy.
  public let bands: Int
  /// The factor of the distance of logarithms, `α`.
  public let logarithmWeight: Float
  let transform: PairedTransform
  let bank: MelBank
  /// The window divided by `√Σ w²`.
  let window: [Float]

  /// The number that is added to an energy before its logarithm.
  static let floor: Float = 1e-5

  /// - Parameters:
  ///   - windowLength: The samples of a window, a multiple of 8.
  ///   - bands: The number of mel bands.
  ///   - lowestFrequency: The lower edge of the first band, Hz. The last band ends at half the
  ///     sample rate.
  ///   - logarithmWeight: The factor of the distance of logarithms.
  ///   - sampleRate: The sample rate of the waveforms, Hz.
  /// - Traps when: the window is not a multiple of 8, there are no bands, or the lowest frequency
  ///   is not between 0 and half the sample rate.
  public init(
    windowLength: Int, bands: Int, lowestFrequency: Double, logarithmWeight: Float, sampleRate: Int
  ) {
    precondition(
      windowLength > 0 && windowLength.isMultiple(of: 8) && bands > 0,
      "MelDistance: a window of \(windowLength) samples must be a multiple of 8, "
        + "and \(bands) bands at least 1")
    let highest = Double(sampleRate) / 2
    precondition(
      lowestFrequency >= 0 && lowestFrequency < highest,
      "MelDistance: bands from \(lowestFrequency) Hz do not fit \(sampleRate) Hz")
    (self.windowLength, self.bands) = (windowLength, bands)
    self.logarithmWeight = logarithmWeight
    transform = PairedTransform(length: windowLength)
    bank =
      MelBank(
        count: bands, fftLength: windowLength, sampleRate: sampleRate,
        range: lowestFrequency...highest, scale: .htk, areaNormalized: false
      ).withoutEmptyBands
    let shape = (0..<windowLength).map { hann($0, of: windowLength) }
    let norm = shape.reduce(0) { $0 + $1 * $1 }.squareRoot()
    window = shape.map { Float($0 / norm) }
  }

  /// Samples from one frame to the next, a quarter of the window.
  public var hopLength: Int { windowLength / 4 }

  /// The number of frames of a signal of `count` samples.
  public func frames(_ count: Int) -> Int { (count + hopLength - 1) / hopLength }

  /// The distance of waveforms `[B, L]`, a scalar.
  ///
  /// - Parameters:
  ///   - x: The waveforms whose gradient is wanted, such as reconstructions.
  ///   - y: The waveforms to compare them with.
  /// - Gradient: of `x` only. It is computed with the value and kept, `[B, L]`.
  /// - Traps when: the shapes differ or are not `[B, L]`, or there is no sample.
  public func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
    precondition(
      x.rank == 2 && x.shape == y.shape && x.elementCount > 0,
      "MelDistance: needs two waveforms [B, L] of one shape, got \(x.shape) and \(y.shape)")
    let (rows, length) = (x.shape[0], x.shape[1])
    let share = 1 / Double(rows * frames(length) * bands)
    let distances = AlignedDoubles(rows)
    let gradient = y.detached().cast(to: .float32).read { y in
      x.detached().cast(to: .float32).mappingRows(to: [length]) { row, x, dx in
        let y = UnsafeBufferPointer(rebasing: y[row * length..<(row + 1) * length])
        distances.base[row] = distance(x, y, share: share, gradient: dx)
      }
    }
    let sum = (0..<rows).reduce(0) { $0 + distances.base[$1] }
    return Tensor(Float(sum)).derived(from: x.edge { dy in gradient * dy })
  }
}
