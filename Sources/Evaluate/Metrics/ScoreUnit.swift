/// How the scores of a metric are written.
public struct ScoreUnit: Codable, Hashable, Sendable {
  /// A score is multiplied by this before it is written.
  public let factor: Double
  /// Digits after the point.
  public let decimals: Int
  /// What follows a score, with a no-break space where one belongs: `%`. Empty if there is no unit.
  public let symbol: String
  /// What a difference of two scores is counted in: `points`.
  public let differences: String

  /// A unit.
  public init(factor: Double = 1, decimals: Int, symbol: String, differences: String) {
    (self.factor, self.decimals) = (factor, decimals)
    (self.symbol, self.differences) = (symbol, differences)
  }

  /// Scores 0…1 in percent, differences in points.
  public static let percent = ScoreUnit(
    factor: 100, decimals: 1, symbol: "%", differences: "points")
}

extension ScoreUnit {
  /// The symbol alone: `%`.
  var bareSymbol: String { symbol.replacing("\u{00A0}", with: "") }

  /// `0.752` → `75.2`
  func number(_ score: Double) -> String { Wording.fixed(factor * score, decimals) }

  /// `0.752` → `75.2%`
  func text(_ score: Double) -> String { number(score) + symbol }

  /// `75.2 ± 3.1`, with no-break spaces; only the mean for a single measurement.
  func number(_ interval: Interval) -> String {
    guard interval.halfWidth.isFinite else { return number(interval.mean) }
    return "\(number(interval.mean))\u{00A0}±\u{00A0}\(number(interval.halfWidth))"
  }

  /// `0.252` → `+25.2`, `-0.03` → `−3.0`: a difference of two scores.
  func difference(_ difference: Double) -> String {
    let size = number(abs(difference))
    if size == number(0) { return "±\(size)" }
    return (difference < 0 ? "−" : "+") + size
  }

  /// `0.252` → `+25.2 points`
  func differenceText(_ difference: Double) -> String {
    "\(self.difference(difference)) \(differences)"
  }

  /// `0.05` → `5 points`: a difference that a rule names, without digits that are nought.
  func roundDifference(_ difference: Double) -> String {
    let size = factor * difference
    return "\(Wording.fixed(size, size == size.rounded() ? 0 : decimals)) \(differences)"
  }
}
