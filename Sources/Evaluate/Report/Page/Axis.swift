import Foundation

/// A linear axis with round ticks (steps of 1, 2 or 5 times a power of ten).
struct Axis {
  let lower: Double
  let upper: Double
  let step: Double

  /// The smallest axis with round ends that covers the values.
  ///
  /// - Parameters:
  ///   - intervals: About how many ticks' distances it should have.
  ///   - isWhole: Whether a tick's distance is at least 1.
  init(covering values: [Double], intervals: Int, isWhole: Bool = false) {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let span = high > low ? high - low : max(abs(high), 1) * 0.1
    step = Self.roundStep(max(span / Double(intervals), isWhole ? 1 : 0))
    lower = (low / step).rounded(.down) * step
    upper = max((high / step).rounded(.up) * step, lower + step)
  }

  var ticks: [Double] {
    let count = Int(((upper - lower) / step).rounded())
    return (0...count).map { lower + Double($0) * step }
  }

  /// Where a value lies, the axis' ends being at `start` and `end`.
  func position(_ value: Double, from start: Double, to end: Double) -> Double {
    start + (value - lower) / (upper - lower) * (end - start)
  }

  /// The tick's number, with as many digits as the step needs.
  func label(_ tick: Double) -> String {
    Self.label(tick, step: step, below: 1e9, in: lower...upper)
  }

  /// The same for the narrow margin at the left of a chart.
  func sideLabel(_ tick: Double) -> String {
    Self.label(tick, step: step, below: 1e5, in: lower...upper)
  }

  /// The number of a multiple of a round step: `0.25`, `2,000`; with an exponent where these are long or the range is not
  /// below a limit: `2.5e6`.
  static func label(
    _ value: Double, step: Double, below limit: Double, in range: ClosedRange<Double>
  ) -> String {
    let isLarge = max(abs(range.lowerBound), abs(range.upperBound)) >= limit
    let decimals = decimals(step)
    if isLarge || decimals > 4 { return exponential(value, step: step) }
    return decimals == 0 && abs(value) >= 1000
      ? Wording.grouped(Int(value.rounded())) : Wording.fixed(value, decimals)
  }

  /// With as many digits as distinguish multiples of the step.
  private static func exponential(_ value: Double, step: Double) -> String {
    guard abs(value) > step / 2 else { return "0" }
    let power = (log10(abs(value)) + 1e-9).rounded(.down)
    let digits = power - (log10(step) + 1e-9).rounded(.down)
    return "\(Wording.fixed(value / pow(10, power), max(0, Int(digits))))e\(Int(power))"
  }

  /// How many decimals distinguish multiples of a round step.
  static func decimals(_ step: Double) -> Int { max(0, Int((-log10(step) - 1e-9).rounded(.up))) }

  /// The least of 1, 2 and 5 times a power of ten that is not below `rough`.
  static func roundStep(_ rough: Double) -> Double {
    let power = pow(10, log10(rough).rounded(.down))
    let leading = rough / power
    return power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10)
  }
}
