import Tensor

/// How many beats of an estimate are right: the counts behind precision, recall and F.
///
/// Counts of several clips can be added, which weights each beat alike, not each clip.
///
/// - Source: Davies, Degara and Plumbley 2009, *Evaluation Methods for Musical Audio Beat Tracking Algorithms*;
///   `mir_eval.beat.f_measure`.
public struct BeatFMeasure: Hashable, Sendable {
  /// The farthest that an estimate may be from the beat that it is matched with, in seconds.
  public static let tolerance = 0.07

  /// Pairs of an estimate and a reference, each in one pair at most, as many as there can be.
  public private(set) var matches: Int
  /// Estimated beats.
  public private(set) var estimates: Int
  /// True beats.
  public private(set) var references: Int

  /// The beats of one clip.
  ///
  /// - Parameters:
  ///   - estimated: Times in seconds, in any order.
  ///   - reference: Times in seconds, in any order.
  /// - Traps when: a time is not finite.
  public init(estimated: [Double], reference: [Double]) {
    let unusable = (estimated + reference).filter { !$0.isFinite }
    precondition(
      unusable.isEmpty, "BeatFMeasure.init: needs finite times in seconds, got \(unusable)")
    (estimates, references) = (estimated.count, reference.count)
    matches = Self.matches(estimated.sorted(), reference.sorted())
  }

  /// `F = 2 P R / (P + R) = 2 matches / (estimates + references)`, 0…1. 0 if there is neither, as mir_eval counts a
  /// side that is empty.
  public var value: Double {
    matches == 0 ? 0 : 2 * Double(matches) / Double(estimates + references)
  }

  /// The counts of two clips together.
  public static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.matches += other.matches
    sum.estimates += other.estimates
    sum.references += other.references
    return sum
  }

  /// The size of a maximum matching, in one pass over both ascending lists.
  ///
  /// Of the first estimate `e` and the first reference `r`, one that is too early for the other is too early for all
  /// that follow, so it can be left out. Otherwise some maximum matching pairs `e` with `r`: if one of them is free, it
  /// can take the other's place in a pair; if they are in pairs `(e, r')` and `(e', r)`, then `(e', r')` is a pair as
  /// well, because `r' ≤ e + tolerance ≤ e' + tolerance` and `r' ≥ r ≥ e' − tolerance`.
  private static func matches(_ estimated: [Double], _ reference: [Double]) -> Int {
    var (matches, e, r) = (0, 0, 0)
    while e < estimated.count, r < reference.count {
      let isEarly = reference[r] < estimated[e] - tolerance
      let isLate = reference[r] > estimated[e] + tolerance
      if !isEarly && !isLate { matches += 1 }
      if !isLate { r += 1 }
      if !isEarly { e += 1 }
    }
    return matches
  }
}
