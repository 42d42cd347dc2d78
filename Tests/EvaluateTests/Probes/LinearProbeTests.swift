import Evaluate
import Foundation
import Tensor
import Testing

/// Regressions of labels and of numbers, against scikit-learn; the answers are written by
/// `Tests/Golden/linear_probes.py`.
@Suite struct LinearProbeTests {
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    var kind: String
    var examples, features, outputs: Int
    var penalty: Float
    var weights: [[Double]]
    var testDescription: String { "\(kind), \(examples) × \(features), λ \(penalty)" }
  }

  static let golden = try! goldenJSON("linear_probes", as: [Golden].self)

  @Test(arguments: golden)
  func weightsAreThoseOfScikitLearn(_ golden: Golden) {
    let truth = (1...golden.examples).map { i in
      let numbers = (1...golden.outputs).map { Self.number(Double(i), Double($0)) }
      return golden.kind == "ridge"
        ? Truth.numbers(numbers) : .labels(numbers.indices.filter { numbers[$0] > 0.3 })
    }
    var config = LogisticRegression.Config()
    (config.penalties, config.iterations, config.tolerance) = ([golden.penalty], 3000, 1e-6)
    let probe = LinearProbe.path(
      fittedTo: Self.features(golden.examples, golden.features), outputs: golden.outputs, config,
      misfit: Truth.misfit(truth, outputs: golden.outputs))[0]
    let found = probe.weights.scalars.map(Double.init)
    #expect(isClose(found, golden.weights.flatMap(\.self), within: 3e-3), "\(found.prefix(9))")
  }

  /// With one label logistic regression of labels is that of two classes: the difference of their logits.
  @Test func oneLabelIsTwoClasses() {
    let features = Self.features(80, 6)
    let applies = (1...80).map { Self.number(Double($0), 1) > 0 }
    var config = LogisticRegression.Config()
    (config.penalties, config.iterations, config.tolerance) = ([0.1], 3000, 1e-6)
    let labels = LinearProbe.path(
      fittedTo: features, outputs: 1, config,
      misfit: Truth.misfit(applies.map { .labels($0 ? [0] : []) }, outputs: 1))[0]
    // Each of the two rows has half of the difference, so the penalty counts half.
    config.penalties = [0.2]
    let classes = LogisticRegression.path(
      fittedTo: features, classes: applies.map { $0 ? 1 : 0 }, classCount: 2, config)[0]
    let logits = classes.logits(features).scalars
    for (number, output) in labels(features).scalars.enumerated() {
      #expect(abs(output - (logits[2 * number + 1] - logits[2 * number])) < 2e-3)
    }
  }

  @Test func probesRefuseWhatTheyCannotPredict() {
    #expect(ProbeKind.mlp.refusal(of: .beats([], downbeats: [])) == nil)
    #expect(ProbeKind.logistic.refusal(of: .labels([])) == nil)
    #expect(ProbeKind.logistic.refusal(of: .numbers([1]))?.contains("--probe ridge") == true)
    #expect(ProbeKind.ridge.refusal(of: .label(0))?.contains("--probe logistic") == true)
    #expect(ProbeKind.ridge.refusal(of: .stems([:]))?.contains("--probe mlp") == true)
  }

  private static func features(_ examples: Int, _ width: Int) -> Tensor {
    let numbers = (1...examples).flatMap { i in
      (1...width).map { j in
        let (i, j) = (Double(i), Double(j))
        return Float(j + (0.5 + 0.1 * j) * sin(0.37 * i * j + 0.011 * i * i))
      }
    }
    return Tensor(numbers, shape: [examples, width])
  }

  private static func number(_ i: Double, _ k: Double) -> Double {
    Double(Float(sin(0.37 * i * k + 0.011 * i * i) + 0.5 * sin(11 * i + k)))
  }
}
