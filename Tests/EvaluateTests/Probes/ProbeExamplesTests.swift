import Evaluate
import Tensor
import TestSupport
import Testing

@Suite struct ProbeExamplesTests {
  let examples = (0..<40).map { i in
    ProbeExample(piece: i / 4, time: Double(i)..<Double(i + 1), label: i % 4 == 0 ? "b" : "a")
  }

  @Test func numbersTheClassesThatOccur() {
    let task = ProbeExamples(task: "t", examples)
    #expect(task.classNames == ["a", "b"])
    #expect(task.classes.prefix(5) == [1, 0, 0, 0, 1])
    #expect(task.chance == 0.75)
  }

  @Test func keepsAFixedChoiceInOrder() {
    let task = ProbeExamples(task: "t", examples, maximum: 10)
    #expect(task.examples.count == 10)
    #expect(task.examples.allSatisfy(examples.contains))
    #expect(zip(task.examples, task.examples.dropFirst()).allSatisfy { $0.piece <= $1.piece })
    #expect(task == ProbeExamples(task: "t", examples.reversed(), maximum: 10))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func aPieceIsTestedOnceAndLiesInOnePart(seed: UInt64) {
    let folds = ProbeFolds(pieces: 11, count: 5, seed: seed)
    for piece in 0..<11 {
      let parts = (0..<5).map { folds.part(of: piece, round: $0) }
      #expect(parts.count { $0 == .test } == 1)
      #expect(parts.count { $0 == .validation } == 1)
    }
    for round in 0..<5 {
      let tested = (0..<11).count { folds.part(of: $0, round: round) == .test }
      #expect(tested == 2 || tested == 3)
    }
  }

  @Test func seedsDealDifferently() {
    let parts = [UInt64(1), 1, 2].map { seed in
      let folds = ProbeFolds(pieces: 50, count: 5, seed: seed)
      return (0..<50).map { folds.part(of: $0, round: 0) }
    }
    #expect(parts[0] == parts[1])
    #expect(parts[0] != parts[2])
  }

  @Test func trapsOnTwoFolds() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ProbeFolds(pieces: 9, count: 2, seed: 1)
    }
    expectWords("ProbeFolds: 2 folds of 9 pieces", in: result)
  }
}
