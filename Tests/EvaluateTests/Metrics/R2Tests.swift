import Evaluate
import TestSupport
import Testing

/// Against scikit-learn; the values are written by `Tests/Golden/marble.py`.
@Suite struct R2Tests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var quantities: Int
      var predictions: [Float]
      var truth: [Float]
      var r2: [Double]
    }
    var regressions: [Case]
  }

  /// Among them a quantity that does not vary and one that is predicted without error.
  @Test func isThatOfScikitLearn() throws {
    for right in try goldenJSON("marble", as: Golden.self).regressions {
      let found = R2(right.predictions, truth: right.truth, quantities: right.quantities)
      #expect(isClose(found.quantities, right.r2, within: 1e-12))
    }
  }

  /// Truth 0, 2, 4 has a mean of 2 and 8 of squares. Predictions of 1, 2, 3 leave 2 of them, the mean leaves all.
  @Test func isTheShareOfVarianceThatIsExplained() {
    let found = R2([1, 2, 2, 2, 3, 2], truth: [0, 0, 2, 2, 4, 4], quantities: 2)
    #expect(found.quantities == [0.75, 0])
    #expect(found.mean == 0.375)
  }

  @Test func aQuantityThatDoesNotVaryIsRightOrWrong() {
    let found = R2([5, 6, 5, 5], truth: [5, 5, 5, 5], quantities: 2)
    #expect(found.quantities == [1, 0])
  }

  @Test func aPredictionThatIsNaNGivesNaN() {
    let found = R2([.nan, .nan, 5, 5, 5, 1], truth: [0, 5, 1, 5, 2, 5], quantities: 2)
    #expect(found.quantities.allSatisfy(\.isNaN) && found.mean.isNaN)
  }

  @Test func oneExampleHasNoVariance() {
    #expect(R2([1], truth: [1], quantities: 1).mean.isNaN)
  }

  @Test func trapsWithoutAPredictionForEachTruth() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = R2([1], truth: [1, 2], quantities: 2)
    }
    expectWords("R2.init: needs a prediction for each truth of whole examples, got 1", in: result)
  }
}
