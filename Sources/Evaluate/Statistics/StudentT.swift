import Foundation

/// Student's t distribution, for any positive number of degrees of freedom.
package enum StudentT {
  /// The probability of a value at least as far from 0 on either side: `I_x(ν / 2, 1 / 2)` with `x = ν / (ν + t²)`.
  package static func twoSided(_ t: Double, degreesOfFreedom ν: Double) -> Double {
    precondition(ν > 0, "StudentT: needs degrees of freedom above 0, got \(ν)")
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    return IncompleteBeta.regularised(ν / (ν + t * t), ν / 2, 0.5)
  }

  /// The value that all but a share `probability` of values lie within on either side.
  package static func quantile(
    degreesOfFreedom ν: Double, probability: Double = 0.05
  ) -> Double {
    var (low, high) = (0.0, 2.0)
    while twoSided(high, degreesOfFreedom: ν) > probability, high < 1e12 { high *= 2 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if twoSided(middle, degreesOfFreedom: ν) > probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// The regularised incomplete beta function `I_x(a, b)`.
///
/// Source: Press et al., *Numerical Recipes*, 6.4: the continued fraction by Lentz's method.
enum IncompleteBeta {
  static func regularised(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let binomial: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let front: Double = exp(binomial + a * log(x) + b * log(1 - x))
    // The fraction converges fast on this side of the mean alone.
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    for m in stride(from: 1.0, through: 300, by: 1) {
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / away(1 + even * d)
      c = away(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / away(1 + odd * d)
      c = away(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-14 { break }
    }
    return result
  }
}
