import Evaluate
import Tensor
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
  func aPieceLiesInOnePart(seed: UInt64) {
    let task = ProbeExamples(task: "t", examples)
    let split = ProbeSplit(pieces: 10, seed: seed)
    let pieces = [ProbePart.training, .validation, .test].map { part in
      Set(split.rows(of: part, in: task).map { task.examples[$0].piece })
    }
    #expect(pieces.map(\.count) == [6, 2, 2])
    #expect(pieces.reduce(Set(), { $0.union($1) }).count == 10)
  }

  @Test func seedsDivideDifferently() {
    #expect(ProbeSplit(pieces: 50, seed: 1).parts == ProbeSplit(pieces: 50, seed: 1).parts)
    #expect(ProbeSplit(pieces: 50, seed: 1).parts != ProbeSplit(pieces: 50, seed: 2).parts)
  }
}
