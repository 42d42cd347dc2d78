import Foundation
import Tensor

/// The scale-invariant ratio of signal to distortion of a reconstruction, in decibels.
///
/// Both signals lose their mean. With `p = ⟨x, y⟩ y / (ε + ‖y‖²)`, the part of the reconstruction `x` that is a multiple
/// of the original `y`, the ratio is `10 log10((ε + ‖p‖²) / (ε + ‖x - p‖²))`. `ε` is the spacing of floats at 1 times the
/// number of samples.
///
/// Source: Le Roux et al. 2019, *SDR – half-baked or well done?*; audiocraft `losses/sisnr.py`.
public enum SignalToDistortion {
  /// The ratio of two signals, in decibels.
  ///
  /// - Traps when: they are not of one length, or there is no sample.
  public static func ratio(
    _ reconstruction: some Collection<Float>, _ original: some Collection<Float>
  ) -> Double {
    precondition(
      reconstruction.count == original.count && !original.isEmpty,
      "SignalToDistortion: needs signals of one length, got \(reconstruction.count) and "
        + "\(original.count) samples")
    let (x, y) = (centred(reconstruction), centred(original))
    let epsilon = floor(samples: y.count)
    let scale = dot(x, y) / (epsilon + dot(y, y))
    let part = y.map { scale * $0 }
    let noise = zip(x, part).map { $0 - $1 }
    return 10 * log10((epsilon + dot(part, part)) / (epsilon + dot(noise, noise)))
  }

  /// The mean ratio of the rows of waveforms `[B, L]`, in decibels.
  ///
  /// - Traps when: the shapes differ or are not `[B, L]`, or there is no sample.
  public static func ratio(_ reconstruction: Tensor, _ original: Tensor) -> Double {
    precondition(
      original.rank == 2 && reconstruction.shape == original.shape && original.elementCount > 0,
      "SignalToDistortion: needs two waveforms [B, L] of one shape, got \(reconstruction.shape) "
        + "and \(original.shape)")
    let (x, y, length) = (reconstruction.scalars, original.scalars, original.shape[1])
    let rows = Cores.map(original.shape[0]) { row in
      let range = row * length..<(row + 1) * length
      return ratio(x[range], y[range])
    }
    return rows.reduce(0, +) / Double(rows.count)
  }

  /// The ratios of the segments of a long signal, in decibels. Each segment begins half a segment after the one before
  /// it, and zeros complete the last one. A segment whose original is constant, such as silence, has no ratio.
  ///
  /// - Parameters:
  ///   - reconstruction: The samples to judge.
  ///   - original: The samples to compare them with.
  ///   - segment: The samples of a segment; those of 5 s are usual.
  /// - Traps when: the signals are not of one length, or a segment has fewer than two samples.
  public static func ratios(
    _ reconstruction: [Float], _ original: [Float], segment: Int
  ) -> [Double] {
    precondition(
      reconstruction.count == original.count && segment >= 2,
      "SignalToDistortion: needs signals of one length and segments of at least 2 samples, got "
        + "\(reconstruction.count) and \(original.count) samples in segments of \(segment)")
    let stride = segment / 2
    let further = max(0, original.count - segment)
    let count = original.isEmpty ? 0 : 1 + (further + stride - 1) / stride
    let found = Cores.map(count) { index -> Double? in
      let range = index * stride..<min(original.count, index * stride + segment)
      let zeros = [Float](repeating: 0, count: segment - range.count)
      let (x, y) = (reconstruction[range] + zeros, original[range] + zeros)
      let energy = dot(centred(y), centred(y))
      return energy > floor(samples: segment) ? ratio(x, y) : nil
    }
    return found.compactMap { $0 }
  }
}

extension SignalToDistortion {
  private static func floor(samples: Int) -> Double { Double(Float.ulpOfOne) * Double(samples) }

  private static func centred(_ x: some Collection<Float>) -> [Double] {
    let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
    return x.map { Double($0) - mean }
  }

  private static func dot(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
