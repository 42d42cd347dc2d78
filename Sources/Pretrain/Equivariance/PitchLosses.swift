import Foundation
import Tensor

/// The losses that ask a distribution over pitches to shift with a transposition, and to ignore noise.
///
/// Source: Riou et al. 2023 (PESTO), 3.2 and 3.3. Its published code takes the logarithm of a softmax of the distributions,
/// which are the result of one already; here as in the paper they are distributions.
public enum PitchLosses {
  /// The cross-entropy of two distributions that ought to be equal, each taken as the target of the other.
  ///
  /// - Parameters:
  ///   - a: Distributions, `[N, C]`.
  ///   - b: Distributions, `[N, C]`.
  /// - Returns: The mean over both directions and all rows.
  /// - Gradient: none through a target.
  public static func invariance(_ a: Tensor, _ b: Tensor) -> Tensor {
    (b.detached().crossEntropy(of: a) + a.detached().crossEntropy(of: b)) / 2
  }

  /// The cross-entropy of distributions, one of which is shifted against the other.
  ///
  /// - Parameters:
  ///   - a: Distributions, `[N, C]`.
  ///   - b: Distributions of the same, transposed: those of `a` shifted up.
  ///   - steps: By how many classes, `N`.
  /// - Returns: The mean over both directions and all rows; a class that the shift moves out counts nothing.
  /// - Gradient: none through a target.
  public static func shiftedCrossEntropy(_ a: Tensor, _ b: Tensor, by steps: [Int]) -> Tensor {
    let (down, up) = (b.shifted(by: steps.map(-)), a.shifted(by: steps))
    return (down.crossEntropy(of: a) + up.crossEntropy(of: b)) / 2
  }

  /// The distance of the ratio of two power series from that of the frequencies: with
  /// `s(y) = Σ_i 2^(i / octave) y_i`, `ρ = 2^(k / octave)` and Huber's distance `h`
  /// `½ (h(s(b) / s(a) - ρ) + h(s(a) / s(b) - 1/ρ))`.
  ///
  /// - Parameters:
  ///   - a: Distributions, `[N, C]`.
  ///   - b: Distributions of the same, shifted up by `k` classes.
  ///   - steps: `k` for each row.
  ///   - octave: Classes of an octave.
  /// - Returns: The mean over the rows. Huber's distance is linear from a whole tone on.
  public static func powerSeries(_ a: Tensor, _ b: Tensor, by steps: [Int], octave: Int) -> Tensor {
    let (classes, bend) = (a.shape[1], Float(exp2(1.0 / 6) - 1))
    let powers = (0..<classes).map { Float(exp2(Double($0 - classes + 1) / Double(octave))) }
    let table = Tensor(powers, shape: [classes, 1])
    let (s, t) = (a.matmul(table), b.matmul(table))
    func ratios(_ sign: Double) -> Tensor {
      Tensor(
        steps.map { Float(exp2(sign * Double($0) / Double(octave))) }, shape: [steps.count, 1])
    }
    let (up, down) = (t / s - ratios(1), s / t - ratios(-1))
    return (up.smoothL1(beta: bend) + down.smoothL1(beta: bend)).mean() * (bend / 2)
  }
}

extension Tensor {
  /// The mean over rows of `-Σ_c t_c ln max(y_c, 1e-30)` with these targets `t`, `[N, C]`.
  func crossEntropy(of distributions: Tensor) -> Tensor {
    precondition(
      shape == distributions.shape, "crossEntropy: targets \(shape) for \(distributions.shape)")
    let logarithms = Tensor.maximum(distributions, 1e-30).log()
    return (self * logarithms).sum() * (-1 / Float(Swift.max(1, shape[0])))
  }

  /// Rows `[N, C]` moved up by some columns, each by its own, zeros where nothing comes from; untracked.
  func shifted(by steps: [Int]) -> Tensor {
    precondition(steps.count == shape[0], "shifted: \(steps.count) steps for \(shape)")
    let (values, columns) = (scalars, shape[1])
    let moved = (0..<steps.count * columns).map { place in
      let (row, column) = (place / columns, place % columns - steps[place / columns])
      return (0..<columns).contains(column) ? values[row * columns + column] : 0
    }
    return Tensor(moved, shape: shape)
  }
}
