/// Examples of one class in descending order of score, counted down to each score that occurs.
///
/// Examples of equal score come in together, so ties have no order.
struct RankedExamples {
  /// How many of the examples with this score or a higher one belong to the class, and how many do not.
  struct Count: Equatable {
    var positives: Int
    var negatives: Int
  }

  /// One for each score that occurs, highest first; both numbers grow up to those of all examples. Empty if a
  /// score is NaN.
  let counts: [Count]
  /// Of all examples.
  let total: Count

  /// Nil unless some examples belong to the class and some do not.
  init?(scores: [Float], truth: [Bool]) {
    let positives = truth.count { $0 }
    guard positives > 0, positives < truth.count else { return nil }
    total = Count(positives: positives, negatives: truth.count - positives)
    counts = scores.contains(where: \.isNaN) ? [] : Self.counts(scores, truth)
  }

  private static func counts(_ scores: [Float], _ truth: [Bool]) -> [Count] {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var counts: [Count] = []
    var count = Count(positives: 0, negatives: 0)
    for (rank, example) in order.enumerated() {
      if truth[example] { count.positives += 1 } else { count.negatives += 1 }
      let isLastOfItsScore = rank + 1 == order.count || scores[order[rank + 1]] < scores[example]
      if isLastOfItsScore { counts.append(count) }
    }
    return counts
  }

  /// The sum over the scores that occur, of what a step from the count before to this one is worth; NaN if a score
  /// is NaN, which is the mark of a probe that diverged.
  func sum(_ worth: (_ before: Count, _ after: Count) -> Double) -> Double {
    guard let first = counts.first else { return .nan }
    let start = worth(Count(positives: 0, negatives: 0), first)
    return zip(counts, counts.dropFirst()).reduce(start) { $0 + worth($1.0, $1.1) }
  }
}
