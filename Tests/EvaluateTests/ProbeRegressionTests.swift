import Evaluate
import Foundation
import Tensor
import TestSupport
import Testing

/// Against scikit-learn; the answers are written by `Tests/Golden/probes.py`.
@Suite struct ProbeRegressionTests {
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    var examples, features, classes, classSum: Int
    var penalty: Float
    var loss, testAccuracy, testLoss: Double
    var weights: [[Float]]
    var testDescription: String { "\(examples) × \(features), \(classes) classes, λ \(penalty)" }
  }

  static let golden: [Golden] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Golden/probes.json")
    return try! JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
  }()

  @Test(arguments: golden)
  func findsTheMinimumThatScikitLearnFinds(_ golden: Golden) {
    let data = FormulaData(golden)
    #expect(data.classes.enumerated().reduce(0) { $0 + ($1.0 + 1) * Int($1.1) } == golden.classSum)
    let fitted = data.fitted(golden.penalty)
    let hits = zip(fitted.predictions(data.test.features), data.test.classes).count { $0 == $1 }
    let loss = fitted.loss(on: data.test.features, classes: data.test.classes)
    let expectedHits = golden.testAccuracy * Double(data.test.classes.count)
    #expect(abs(Double(fitted.loss) - golden.loss) < 1e-5 * golden.loss)
    #expect(abs(Double(hits) - expectedHits) < 1.5)
    #expect(abs(loss - golden.testLoss) < 2e-3 * golden.testLoss)
    for (ours, theirs) in zip(fitted.weights.scalars, golden.weights.joined()) {
      #expect(abs(ours - theirs) < 3e-3 * (1 + abs(theirs)))
    }
  }

  @Test func strongerPenaltiesComeFirstAndShrinkTheWeights() {
    let data = FormulaData(Self.golden[2])
    let path = LogisticRegression.path(
      fittedTo: data.training.features, classes: data.training.classes, classCount: 7)
    #expect(path.map(\.penalty) == [1, 0.1, 0.01, 0.001])
    let sizes = path.map { regression in regression.weights.scalars.reduce(0) { $0 + $1 * $1 } }
    #expect(zip(sizes, sizes.dropFirst()).allSatisfy(<))
  }

  @Test func repeatsToTheBit() {
    let data = FormulaData(Self.golden[2])
    #expect(data.fitted(0.01).weights.scalars == data.fitted(0.01).weights.scalars)
  }

  @Test func aConstantFeatureSaysNothing() {
    let features = Tensor([7, 1, 7, 2, 7, 3, 7, 4] as [Float], shape: [4, 2])
    let fitted = LogisticRegression.path(
      fittedTo: features, classes: [0, 0, 1, 1], classCount: 2)[3]
    let changed = Tensor([9, 1, -5, 4] as [Float], shape: [2, 2])
    #expect(fitted.predictions(changed) == [0, 1])
    #expect(fitted.weights.scalars[0] == 0)
  }

  @Test func trapsWithoutAClassForEachExample() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = LogisticRegression.path(fittedTo: .ones([3, 2]), classes: [0, 1], classCount: 2)
    }
    expectWords("LogisticRegression: 2 classes for features [3, 2]", in: result)
  }
}

/// The examples of `Tests/Golden/probes.py`; every fourth is for testing.
struct FormulaData {
  let classes: [Int32]
  let training: (features: Tensor, classes: [Int32])
  let test: (features: Tensor, classes: [Int32])
  private let classCount: Int

  init(_ golden: ProbeRegressionTests.Golden) {
    let features = Tensor(
      (1...golden.examples).flatMap { i in
        (1...golden.features).map { j in Self.feature(Double(i), Double(j)) }
      }, shape: [golden.examples, golden.features])
    let classes = (1...golden.examples).map { Self.label(Double($0), of: golden.classes) }
    let rows = Dictionary(grouping: 0..<golden.examples) { $0 % 4 == 3 }
    training = (features.gatheringRows(rows[false]!), rows[false]!.map { classes[$0] })
    test = (features.gatheringRows(rows[true]!), rows[true]!.map { classes[$0] })
    (self.classes, classCount) = (classes, golden.classes)
  }

  func fitted(_ penalty: Float) -> LogisticRegression {
    var config = LogisticRegression.Config()
    (config.penalties, config.iterations, config.tolerance) = ([penalty], 3000, 1e-6)
    return LogisticRegression.path(
      fittedTo: training.features, classes: training.classes, classCount: classCount, config)[0]
  }

  private static func feature(_ i: Double, _ j: Double) -> Float {
    let wave = sin(0.37 * i * j + 0.011 * i * i)
    return Float(j + (0.5 + 0.1 * j) * wave)
  }

  private static func label(_ i: Double, of count: Int) -> Int32 {
    let first = sin(0.37 * i + 0.011 * i * i)
    let second = 0.6 * sin(0.74 * i + 0.011 * i * i)
    let score = first + second + 0.5 * sin(11 * i)
    return Int32(min(max((score + 2.1) / 4.2 * Double(count), 0), Double(count - 1)))
  }
}
