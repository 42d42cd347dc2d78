import Evaluate
import TestSupport
import Testing

/// Against mir_eval; the values are written by `Tests/Golden/marble.py`.
@Suite struct BeatFMeasureTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var reference: [Double]
      var estimated: [Double]
      var matches: Int
      var f: Double
      var fAfterTrim: Double
    }
    var beats: [Case]
  }

  /// Dense random beats, and clips in which one or both sides have none.
  @Test func isThatOfMirEval() throws {
    for right in try goldenJSON("marble", as: Golden.self).beats {
      let clip = (estimated: right.estimated, reference: right.reference)
      let measure = BeatFMeasure(estimated: clip.estimated, reference: clip.reference)
      #expect(measure.matches == right.matches)
      #expect(isClose([measure.value], [right.f], within: 1e-12))
      let scores = BeatScores([clip])
      #expect(scores.mean == measure.value && scores.pooled == measure.value)
      #expect(isClose([scores.meanAfterTrim], [right.fAfterTrim], within: 1e-12))
    }
  }

  /// The nearest estimate of 1.00 is 1.04; but if that is its pair, 1.08 has none.
  @Test func asManyPairsAsThereCanBe() {
    let measure = BeatFMeasure(estimated: [1.04, 0.95], reference: [1.08, 1])
    #expect((measure.matches, measure.estimates, measure.references) == (2, 2, 2))
    #expect(measure.value == 1)
  }

  @Test(arguments: [(1.07, 1), (0.93, 1), (1.0701, 0), (0.9299, 0)])
  func toleratesSeventyMilliseconds(time: Double, matches: Int) {
    #expect(BeatFMeasure(estimated: [time], reference: [1]).matches == matches)
  }

  /// Clips of 1 match in 1 + 1 beats and of 1 in 1 + 7: F of 1 and of 1/4, a mean of 5/8; together 2 in 2 + 8. The
  /// first 5 seconds hold the one match of the first clip and nothing else.
  @Test func pooledCountsWeightBeatsAlike() {
    let scores = BeatScores([
      (estimated: [1], reference: [1.05]),
      (estimated: [8], reference: [6, 7, 8, 9, 10, 11, 12]),
    ])
    #expect(scores.pooled == 0.4 && scores.mean == 0.625 && scores.meanAfterTrim == 0.125)
  }

  /// A beat at 5 s itself stays.
  @Test func theTrimEndsAtFiveSeconds() {
    #expect(BeatScores([(estimated: [5], reference: [5])]).meanAfterTrim == 1)
    #expect(BeatScores([(estimated: [4.999], reference: [5])]).meanAfterTrim == 0)
  }

  @Test func trapsOnATimeThatIsNaN() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = BeatFMeasure(estimated: [1, .nan], reference: [1])
    }
    expectWords("BeatFMeasure.init: needs finite times in seconds, got [nan]", in: result)
  }

  @Test func trapsWithoutAClip() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = BeatScores([])
    }
    expectWords("BeatScores.init: needs at least 1 clip, got 0", in: result)
  }
}
