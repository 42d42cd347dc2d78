import Evaluate
import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// The probe of MARBLE's constrained track, against PyTorch.
@Suite struct PerceptronTests {
  private let values: [String: Tensor]

  init() throws { values = try golden("perceptron") }

  private func probe() throws -> Perceptron {
    var config = Perceptron.Config()
    (config.hiddenUnits, config.dropout) = (16, 0)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var probe = Perceptron(width: 12, layers: 3, outputs: 4, config, using: &generator)
    probe.layerLogits = values["before.layerLogits"]
    probe.hidden = Linear(
      weight: try #require(values["before.hidden.weight"]), bias: values["before.hidden.bias"])
    probe.output = Linear(
      weight: try #require(values["before.output.weight"]), bias: values["before.output.bias"])
    return probe
  }

  /// The first or the second half of the items, in each layer.
  private func states(_ items: Range<Int>) throws -> [Tensor] {
    let states = try #require(values["states"])
    return (0..<3).map { layer in
      states.sliced(axis: 0, layer..<layer + 1).sliced(axis: 1, items)
        .reshaped([items.count, 12])
    }
  }

  @Test func fortyStepsOfAdamAreThoseOfPyTorch() throws {
    var probe = try probe()
    probe.trackGradients()
    var adam = AdamW(.adam, for: probe)
    let (states, classes) = (try states(0..<60), try #require(values["classes"]).integers)
    let truth = classes.prefix(60).map { Truth.label(Int($0)) }
    var losses: [Float] = []
    for step in 0..<40 {
      let pass = ForwardPass.training(seed: 0, step: step, rows: 60)
      let loss = Truth.loss(of: probe(states, in: pass), truth)
      losses.append(loss.scalar)
      adam.update(&probe, along: loss.gradients(), rate: 1e-2)
    }
    expectClose(Tensor(losses), try #require(values["losses"]), relative: 1e-5)
    for (name, parameter) in probe.parameters {
      expectClose(parameter.detached(), try #require(values["after.\(name)"]), relative: 1e-4)
    }
    let answers = probe.detached()(try self.states(60..<120), in: .evaluating())
    expectClose(answers, try #require(values["answers"]), relative: 1e-4)
  }

  @Test func lossesOfLabelsAndNumbers() {
    let outputs = Tensor([0, 2, -1, 3], shape: [2, 2])
    // -log sigmoid(0), -log(1 - sigmoid(2)), -log(1 - sigmoid(-1)), -log sigmoid(3)
    let labels = Truth.loss(of: outputs, [.labels([0]), .labels([1])]).scalar
    #expect(abs(labels - (0.693147 + 2.126928 + 0.313262 + 0.048587) / 4) < 1e-5)
    let numbers = Truth.loss(of: outputs, [.numbers([1, 2]), .numbers([-1, 0])]).scalar
    #expect(numbers == 2.5)
  }

  /// PyTorch's `ReduceLROnPlateau(mode="max", factor=0.5, patience=1)`.
  @Test func theRateIsHalvedOnAPlateau() {
    var plateau = Plateau(rate: 8, patience: 1)
    let rates = [0.5, 0.6, 0.6, 0.59, 0.61, 0.61003, 0.5, 0.4, 0.3].map { score in
      plateau.follow(score)
      return plateau.rate
    }
    #expect(rates == [8, 8, 8, 4, 4, 4, 2, 2, 1])
  }
}
