import Foundation
import Tensor

/// The signal-to-distortion ratio of a separated source over a whole song, in decibels.
///
/// `SDR = 10 log₁₀ ((Σ y² + ε) / (Σ (y − ŷ)² + ε))` with `ε = 1e-7`, summed over all channels and samples, in Double.
/// It needs no filters and no frames, and is another number than that of BSS Eval (`museval`).
///
/// - Source: Mitsufuji et al. 2022, *Music Demixing Challenge 2021*, for one stem.
public enum SDR {
  private static let epsilon = 1e-7

  /// - Parameters:
  ///   - estimate: `ŷ`, samples of each channel.
  ///   - reference: `y`, of the same shape.
  /// - Returns: Decibels; NaN if a sample is NaN. 0 where both are silent.
  /// - Traps when: the shapes differ.
  public static func decibels(of estimate: [[Float]], reference: [[Float]]) -> Double {
    precondition(
      estimate.map(\.count) == reference.map(\.count),
      "SDR.decibels: needs channels of the same lengths, got \(estimate.map(\.count)) samples for"
        + " \(reference.map(\.count))")
    var (signal, distortion) = (epsilon, epsilon)
    for (estimate, reference) in zip(estimate, reference) {
      for (estimated, y) in zip(estimate, reference) {
        let error = Double(y) - Double(estimated)
        signal += Double(y) * Double(y)
        distortion += error * error
      }
    }
    return 10 * log10(signal / distortion)
  }
}
