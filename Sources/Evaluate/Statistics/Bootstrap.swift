import Tensor

/// Intervals from drawing items again, with replacement.
public enum Bootstrap {
  /// The interval that holds the middle 95 % of the scores of `repeats` draws; nil where a draw has no score.
  ///
  /// Source: Efron 1979; the percentile interval.
  /// - Parameters:
  ///   - count: How many items there are.
  ///   - repeats: How many draws are made.
  ///   - seed: Draws the items.
  ///   - score: The score of some items, by their numbers.
  public static func interval(
    of count: Int, repeats: Int = 200, seed: Int = 0, score: ([Int]) -> Double
  ) -> ClosedRange<Double>? {
    let scores = Cores.map(repeats) { number in
      var generator = RandomStream(seed: UInt64(seed), purpose: .probe, step: number)
      return score((0..<count).map { _ in Int.random(in: 0..<count, using: &generator) })
    }
    guard scores.allSatisfy(\.isFinite), repeats > 0 else { return nil }
    let sorted = scores.sorted()
    let cut = Int((0.025 * Double(repeats)).rounded(.down))
    return sorted[cut]...sorted[repeats - 1 - cut]
  }
}
