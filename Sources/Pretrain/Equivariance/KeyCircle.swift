import Foundation
import Tensor

/// A circle on which the twelve key signatures lie, and the loss that asks a distribution over them to turn with
/// a transposition.
///
/// A distribution `y` is the point `z(y) = Σ_q y_q exp(2πi ω q / 12)` of the disc. Of two stretches `a` and `b` of one key
/// and a transposition `c` of `a` by `k` semitones the loss is
/// `mean |1 - z_a z_b*|² + mean |e_k - z_a z_c*|² + mean |e_k - z_b z_c*|²` with `e_k = exp(2πi ω k / 12)`. It is 3 for flat
/// distributions and 0 for certain ones that turn as they should.
///
/// Source: Kong et al. 2024 (STONE), 2.3, and its published loss.
public enum KeyCircle: String, Codable, Sendable, CaseIterable {
  /// Neighbours are a fifth apart and share all tones but one: `ω` is 7.
  case fifths
  /// Neighbours are a semitone apart: `ω` is 1.
  case semitones

  /// Turns of the circle in twelve semitones, `ω`.
  public var turns: Int { self == .fifths ? 7 : 1 }

  /// The loss of some pieces of music.
  ///
  /// - Parameters:
  ///   - a: Distributions of a stretch of each, `[S, 12]`.
  ///   - b: Of another stretch in the same key.
  ///   - transposed: Of the first stretch, transposed.
  ///   - steps: By how many classes `a` lies above it, `S`.
  /// - Returns: A scalar.
  /// - Traps when: shapes differ, or there is not a transposition for each.
  public func loss(_ a: Tensor, _ b: Tensor, transposed: Tensor, by steps: [Int]) -> Tensor {
    precondition(
      a.shape == b.shape && a.shape == transposed.shape && a.shape == [steps.count, 12],
      "KeyCircle: \(a.shape), \(b.shape) and \(transposed.shape) for \(steps.count) transpositions")
    let (a, b, c) = (point(a), point(b), point(transposed))
    let none = [Int](repeating: 0, count: steps.count)
    return distance(a, b, from: none) + distance(a, c, from: steps) + distance(b, c, from: steps)
  }

  /// How certain distributions are, the mean of `|z|`: 0 for flat ones, 1 for those of one signature.
  public func certainty(of distributions: Tensor) -> Float {
    let z = point(distributions.detached())
    return (z.real.squared() + z.imaginary.squared()).squareRoot().mean().scalar
  }

  /// `mean |e_k - z_x z_y*|²`
  private func distance(_ x: Point, _ y: Point, from steps: [Int]) -> Tensor {
    let angles = steps.map { angle(of: $0) }
    func column(_ values: [Float]) -> Tensor { Tensor(values, shape: [values.count, 1]) }
    let real = x.real * y.real + x.imaginary * y.imaginary - column(angles.map { cos($0) })
    let imaginary = x.imaginary * y.real - x.real * y.imaginary - column(angles.map { sin($0) })
    return (real.squared() + imaginary.squared()).mean()
  }

  /// Points of the disc, `[S, 1]` each.
  private typealias Point = (real: Tensor, imaginary: Tensor)

  private func point(_ distributions: Tensor) -> Point {
    let table = (0..<12).flatMap { [cos(angle(of: $0)), sin(angle(of: $0))] }
    let z = distributions.matmul(Tensor(table, shape: [12, 2]))
    return (z.sliced(axis: 1, 0..<1), z.sliced(axis: 1, 1..<2))
  }

  private func angle(of steps: Int) -> Float {
    let turn = ((turns * steps) % 12 + 12) % 12
    return Float(2 * Double.pi * Double(turn) / 12)
  }
}
