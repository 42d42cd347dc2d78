import Foundation

/// How probable a beat of one length is after a beat of another.
///
/// From `f` to `t` frames `p ∝ exp(−100 |t / f − 1|)`, 0 where this is no more than the machine epsilon of Double;
/// each `f` has a sum of 1 over `t`. Within a beat the length stays.
///
/// - Source: Krebs, Böck and Widmer 2015, equation 5; madmom `exponential_transition`.
package struct TempoTransitions: Sendable {
  /// One way into an interval.
  package struct Step: Sendable {
    /// The place of the interval before, among all intervals.
    package let origin: Int
    /// The natural logarithm of its probability.
    package let logProbability: Double
  }

  /// How strongly tempo stays, `λ`.
  static let steadiness = 100.0

  /// The ways into each interval, by ascending origin.
  package let into: [[Step]]

  /// The transitions among all intervals.
  package init(among intervals: ClosedRange<Int>) {
    let rows = intervals.map { Self.probabilities(from: $0, to: intervals) }
    into = (0..<intervals.count).map { target in
      rows.indices.compactMap { origin in
        let p = rows[origin][target]
        return p > 0 ? Step(origin: origin, logProbability: log(p)) : nil
      }
    }
  }

  /// The probability of each interval after one of `origin` frames.
  package static func probabilities(from origin: Int, to intervals: ClosedRange<Int>) -> [Double] {
    let weights = intervals.map { target in
      let weight = exp(-steadiness * abs(Double(target) / Double(origin) - 1))
      return weight > Double.ulpOfOne ? weight : 0
    }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }
}
