import Evaluate
import Testing

/// Ways to one answer from those of stretches.
@Suite struct AggregationTests {
  /// Four clips that each way decides otherwise. Class 0 is the best of two clips. Class 1 has the highest output, 9.
  /// Class 2 has the highest sum, 11.5 against 5.5, 8.5 and 6. Class 3 has the highest sum of probabilities: 1 in the
  /// last clip and 0.31 in each of the first two, in which class 0 has 0.50.
  private let clips: [[Float]] = [
    [4, -0.5, 3, 3.5],
    [4, -0.5, 3, 3.5],
    [-1.5, 9, 8.5, -9],
    [-1, 0.5, -3, 8],
  ]

  private func best(_ way: Aggregation, _ outputs: [[Float]]) -> Int {
    let sums = way(outputs)
    return sums.firstIndex(of: sums.max()!)!
  }

  @Test func eachWayChoosesItsOwn() {
    #expect(best(.vote, clips) == 0)
    #expect(best(.maximum, clips) == 1)
    #expect(best(.mean, clips) == 2)
    #expect(best(.meanProbability, clips) == 3)
  }

  /// One stretch for each of two classes, as sure as the other.
  @Test(arguments: Aggregation.allCases) func theFirstOfEqualOnes(way: Aggregation) {
    if way != .meanProbability { #expect(best(way, [[0, 2, 0], [0, 0, 2]]) == 1) }
    #expect(best(way, [[1, 1]]) == 0)
  }

  /// `exp(1000)` is infinite.
  @Test func largeOutputsAreNoOverflow() {
    #expect(best(.meanProbability, [[0, 1000, 999], [0, 0, 1]]) == 1)
  }
}
