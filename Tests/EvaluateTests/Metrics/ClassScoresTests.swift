import Evaluate
import TestSupport
import Testing

/// Against scikit-learn; the values are written by `Tests/Golden/marble.py`.
@Suite struct ClassScoresTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var classes: Int
      var skipped: Int
      var scores: [Float]
      var truth: [Bool]
      var rocAUC: Double
      var averagePrecision: Double
    }
    var classScores: [Case]
  }

  /// Rounded scores, so that there are ties; a class of no example and one of all.
  @Test func areThoseOfScikitLearn() throws {
    for right in try goldenJSON("marble", as: Golden.self).classScores {
      let answers = ClassScores(right.scores, truth: right.truth, classes: right.classes)
      let (area, precision) = (ROCAUC.macro(answers), AveragePrecision.macro(answers))
      #expect(isClose([area.value], [right.rocAUC], within: 1e-12))
      #expect(isClose([precision.value], [right.averagePrecision], within: 1e-12))
      #expect(area.skipped == right.skipped && precision.skipped == right.skipped)
    }
  }

  /// Of the four pairs of a positive and a negative, 0.9 wins two, 0.5 wins none and ties one: 2.5 of 4. At 0.9
  /// precision is 1, at 0.5 all four are retrieved, 2 of them right: `1/2 · 1 + 1/2 · 2/4`.
  @Test func aTieCountsOneHalf() {
    let answers = ClassScores([0.9, 0.5, 0.5, 0.7], truth: [true, true, false, false], classes: 1)
    #expect(ROCAUC.macro(answers).value == 0.625)
    #expect(AveragePrecision.macro(answers).value == 0.75)
  }

  @Test func equalScoresAreAGuess() {
    let answers = ClassScores([1, 1, 1, 1], truth: [true, false, false, false], classes: 1)
    #expect(ROCAUC.macro(answers).value == 0.5)
    #expect(AveragePrecision.macro(answers).value == 0.25)
  }

  /// One class is right, the other wrong way round.
  @Test func classesHaveTheSameWeight() {
    let answers = ClassScores([1, 1, 0, 0], truth: [true, false, false, true], classes: 2)
    #expect(ROCAUC.macro(answers).value == 0.5)
    #expect(AveragePrecision.macro(answers).value == 0.75)
  }

  @Test func aScoreThatIsNaNGivesNaN() {
    let answers = ClassScores([.nan, 1, 0, 0], truth: [true, false, false, true], classes: 2)
    #expect(ROCAUC.macro(answers).value.isNaN && AveragePrecision.macro(answers).value.isNaN)
    #expect(ROCAUC.macro(answers).skipped == 0)
  }

  @Test(arguments: [[], [true, true]])
  func withoutAClassToJudgeThereIsNoValue(truth: [Bool]) {
    let area = ROCAUC.macro(ClassScores(truth.map { _ in 1 }, truth: truth, classes: 1))
    #expect(area.value.isNaN && area.skipped == 1)
  }

  /// A tag of all items is skipped by the metric, so it does not make guessing look better either.
  @Test func guessingScoresWhatEqualOutputsDo() {
    let truth = [Truth.labels([0, 1]), .labels([0]), .labels([0]), .labels([0])]
    let guess = TaskAnswers(
      outputs: truth.map { _ in [0, 0, 0] }, truth: truth, classes: ["all", "one", "none"])
    let chance = OutputMetric.averagePrecision.chance(of: truth, among: guess.classes)
    #expect(chance == 0.25 && OutputMetric.averagePrecision.score(guess) == 0.25)
  }

  @Test func trapsOnHalfAnExample() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ClassScores([0, 1, 2], truth: [true, false, true], classes: 2)
    }
    expectWords(
      "ClassScores.init: needs a score for each truth of whole examples, got 3", in: result)
  }
}
