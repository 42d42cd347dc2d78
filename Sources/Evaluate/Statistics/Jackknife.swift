import Tensor

/// What each part of the items adds to a score that need not be a mean over items.
public enum Jackknife {
  /// The pseudo-values of a score: their mean is near the score, and they vary as the parts do.
  ///
  /// `p_g = G θ - (G - 1) θ₍₋g₎`, with `θ` the score of all items, `θ₍₋g₎` that of all but those of part `g`, and `G` parts.
  /// Item `i` is in part `g(i) mod G`, with `g` the number of its piece, so that the items of a piece stay together: they are
  /// not independent. Where the score is a mean over items and each is a part of its own, `p_i` is what
  /// item `i` is worth.
  ///
  /// Source: Tukey 1958; Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 11. Deliberate
  /// difference: at most 200 parts, as the bootstrap of 200 draws, instead of as many as items.
  /// - Parameters:
  ///   - count: How many items there are.
  ///   - pieces: The number of the piece of each item, from 0; each item is one of its own if nil.
  ///   - most: The greatest number of parts.
  ///   - score: The score of some items, by their numbers.
  /// - Returns: Nil where the items have no score when a part is left out, or there are fewer than two.
  public static func pseudoValues(
    of count: Int, in pieces: [Int]? = nil, parts most: Int = 200, score: ([Int]) -> Double
  ) -> [Float]? {
    let pieces = pieces ?? Array(0..<count)
    let parts = min((pieces.max() ?? -1) + 1, most)
    guard parts > 1 else { return nil }
    let whole = score(Array(0..<count))
    let without = Cores.map(parts) { part in
      score((0..<count).filter { pieces[$0] % parts != part })
    }
    guard whole.isFinite, without.allSatisfy(\.isFinite) else { return nil }
    return without.map { Float(Double(parts) * whole - Double(parts - 1) * $0) }
  }
}
