import Foundation
import Tensor

/// The mean of a few repeated measurements with its Student interval: `mean ± t · s / √n`.
///
/// `s` is the sample's standard deviation (divisor `n - 1`) and `t` the 0.975 quantile of Student's
/// distribution with `n - 1` degrees of freedom, so three seeds pay for being only three.
///
/// If the measurements are independent draws of a normal distribution, 95 % of such intervals hold
/// its mean. The interval covers what differs from one measurement to the next, and nothing else:
/// - Several trainings, each with its own seed and folds: the spread of training and of folds.
/// - One training whose pieces are dealt into folds anew: the dealing alone. Such repeats share their
///   weights, their pieces and most of their training parts, so they are not independent; another
///   training may lie far outside (of one small recipe, trained four times: eight times the spread).
/// - Neither: other pieces. All measurements are made on the same ones; `ItemScores` are what covers them.
///
/// Source: Nadeau and Bengio 2003, *Inference for the generalization error*, on repeated divisions of
/// the same data.
public struct Interval: Sendable, Equatable {
  /// The measurements' mean, in their own unit.
  public var mean: Double
  /// Half the width of the interval, in the same unit; infinite for a single measurement, which
  /// does not show its own spread.
  public var halfWidth: Double

  /// The interval of some measurements.
  ///
  /// Traps when there are none.
  public init(of measurements: [Double]) {
    precondition(!measurements.isEmpty, "Interval: needs at least 1 measurement, got 0")
    let n = Double(measurements.count)
    mean = measurements.reduce(0, +) / n
    guard measurements.count > 1 else {
      halfWidth = .infinity
      return
    }
    var squares = 0.0
    for measurement in measurements { squares += (measurement - mean) * (measurement - mean) }
    let deviation = (squares / (n - 1)).squareRoot()
    halfWidth = Self.quantile(degreesOfFreedom: measurements.count - 1) * deviation / n.squareRoot()
  }

  /// The interval of measurements on items that are themselves a draw: `mean ± √(t²ₙ₋₁ s² / n + t²ₚ₋₁ v)`.
  ///
  /// `s² / n` is the variance of the mean from one measurement to the next, `v` that from drawing the `p` pieces again,
  /// which one measurement shows as well as many. Each counts with the `t` of what it was measured on, so a spread that
  /// three seeds show counts as known by three. This errs on the wide side, where the degrees of freedom of Welch and
  /// Satterthwaite for the sum would err on the narrow one.
  ///
  /// - Parameters:
  ///   - measurements: At least one; a single one shows no spread of its own.
  ///   - items: `v`, and how many pieces were drawn for it.
  /// - Source: Cochran 1964, *Approximate significance levels of the Behrens-Fisher test*, for the rule of two variances.
  init(of measurements: [Double], _ items: ItemVariance) {
    let spread = Spread(measurements, items)
    (mean, halfWidth) = (spread.mean, spread.halfWidth(leaving: 0.05))
  }

  /// An interval as it is known.
  init(mean: Double, halfWidth: Double) { (self.mean, self.halfWidth) = (mean, halfWidth) }

  /// The interval's lower end.
  public var lower: Double { mean - halfWidth }

  /// The interval's upper end.
  public var upper: Double { mean + halfWidth }

  /// Whether the two intervals share a point. A shared end counts.
  public func overlaps(_ other: Interval) -> Bool {
    lower <= other.upper && other.lower <= upper
  }

  /// The 0.975 quantile of Student's t distribution.
  ///
  /// Up to 30 degrees of freedom from the usual table; beyond it by the first three terms of the
  /// Cornish-Fisher expansion around the normal quantile, right to 1e-4 there.
  ///
  /// Source: Abramowitz and Stegun, *Handbook of Mathematical Functions*, table 26.10 and 26.7.5.
  static func quantile(degreesOfFreedom: Int) -> Double {
    precondition(
      degreesOfFreedom >= 1,
      "Interval.quantile: needs at least 1 degree of freedom, got \(degreesOfFreedom)")
    if degreesOfFreedom <= table.count { return table[degreesOfFreedom - 1] }
    let z = 1.959964
    let v = Double(degreesOfFreedom)
    let first = (pow(z, 3) + z) / 4
    let second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
    return z + first / v + second / (v * v)
  }

  private static let table: [Double] = [
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
  ]
}

/// The mean of measurements on drawn items, with its two variances.
struct Spread {
  let mean: Double
  private let own: (variance: Double, degreesOfFreedom: Double)
  private let items: ItemVariance

  init(_ measurements: [Double], _ items: ItemVariance) {
    precondition(
      !measurements.isEmpty && items.pieces > 1,
      "Spread: needs at least 1 measurement on 2 pieces, got \(measurements.count) on \(items.pieces)"
    )
    let n = Double(measurements.count)
    let mean = measurements.reduce(0, +) / n
    let squares = measurements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    (self.mean, self.items) = (mean, items)
    own = n > 1 ? (squares / (n - 1) / n, n - 1) : (0, 1)
  }

  /// The half width of the interval that a share `probability` of such intervals misses the true mean with.
  func halfWidth(leaving probability: Double) -> Double {
    func part(_ variance: Double, _ degreesOfFreedom: Double) -> Double {
      guard variance > 0 else { return 0 }
      let t = StudentT.quantile(degreesOfFreedom: degreesOfFreedom, probability: probability)
      return t * t * variance
    }
    let squares =
      part(own.variance, own.degreesOfFreedom)
      + part(items.variance, Double(items.pieces - 1))
    return squares.squareRoot()
  }

  /// The probability of a mean as far from 0, were the true one 0: that of the interval which ends there.
  var probability: Double {
    guard mean != 0 else { return 1 }
    var (low, high) = (0.0, 1.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if halfWidth(leaving: middle) > abs(mean) { low = middle } else { high = middle }
    }
    return high
  }
}

/// Whether pre-training taught a model something that its own random initialisation does not have.
///
/// A rule for scores of several trainings and of several initialisations: those of one training over
/// several folds do not predict the next one. Both must hold, with one score per seed:
/// - the two 95 % intervals do not overlap, the pre-trained one being better;
/// - the gain of the means is at least the metric's `leastGain` (of accuracy 0.05, 5 points), or at least a
///   quarter of the error that the random initialisation leaves (`|best - random| / 4`), whichever is less.
///
/// A single seed has no interval, so it never improves on anything. ``TaskOutcome`` has the same rule, but where items
/// are known, the interval of the difference on the same items takes the place of the two intervals.
///
/// - Parameters:
///   - pretrained: Scores of the pre-trained model, one per training seed.
///   - random: Scores of the same model as it was before training, one per seed.
///   - metric: What the scores are.
public func improves(
  _ pretrained: [Double], over random: [Double], by metric: Metric
) -> Bool {
  let after = Interval(of: pretrained)
  let before = Interval(of: random)
  let remainingError = abs(metric.best - before.mean)
  let gain = metric.gain(of: after.mean, over: before.mean)
  return metric.isBetter(after, than: before)
    && gain >= min(metric.leastGain, remainingError / 4)
}
