import Tensor

/// Intervals from drawing items, or pieces with all their items, again, with replacement.
public enum Bootstrap {
  /// The interval that holds the middle 95 % of the scores of `repeats` draws; nil where a draw has no score.
  ///
  /// Source: Efron 1979; the percentile interval.
  /// - Parameters:
  ///   - count: How many items there are.
  ///   - pieces: The number of the piece of each item, from 0, each with an item; the items of a piece are drawn together,
  ///     since they are not independent. Each item is one of its own if nil.
  ///   - repeats: How many draws are made.
  ///   - seed: Draws the items.
  ///   - score: The score of some items, by their numbers.
  public static func interval(
    of count: Int, in pieces: [Int]? = nil, repeats: Int = 200, seed: Int = 0,
    score: ([Int]) -> Double
  ) -> ClosedRange<Double>? {
    let items = Dictionary(grouping: 0..<count) { pieces?[$0] ?? $0 }
    let drawn = 0..<items.count
    let scores = Cores.map(repeats) { number in
      var generator = RandomStream(seed: UInt64(seed), purpose: .probe, step: number)
      return score(drawn.flatMap { _ in items[Int.random(in: drawn, using: &generator)]! })
    }
    guard scores.allSatisfy(\.isFinite), repeats > 0 else { return nil }
    let sorted = scores.sorted()
    let cut = Int((0.025 * Double(repeats)).rounded(.down))
    return sorted[cut]...sorted[repeats - 1 - cut]
  }
}
