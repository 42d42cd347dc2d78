import Models
import Optimisation
import Tensor
import Testing

/// A parameter of each role.
private struct Roles: Module {
  var tensors = [Tensor](repeating: Tensor([2, -4]), count: ParameterRole.allCases.count)

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    for (i, role) in ParameterRole.allCases.enumerated() {
      visitor.parameter("\(role)", &tensors[i], as: role)
    }
  }
}

@Suite struct DecayTests {
  /// With gradients of 0 an update is `p ← (1 - rate · weightDecay) p`: by 0.9 here.
  @Test(arguments: AdamW.Decays.allCases)
  func decaysWhatItNames(decays: AdamW.Decays) {
    var model = Roles()
    model.trackGradients()
    let gradients = model.tensors.reduce(Tensor(0)) { $0 + ($1 * 0).sum() }.gradients()
    var config = AdamW.Config()
    (config.weightDecay, config.decays) = (0.2, decays)
    var optimizer = AdamW(config, for: model)
    optimizer.update(&model, along: gradients, rate: 0.5)

    model.forEachParameter { place, parameter in
      let lasts = decays == .weights && [.bias, .scale, .shift].contains(place.role)
      #expect(parameter.scalars == (lasts ? [2, -4] : [1.8, -3.6]), "\(place.path)")
    }
  }

  /// Beside the decay nothing depends on the role: each moves as if all had been trained with the
  /// decay that is its own.
  @Test func movesAllByTheSameRule() {
    let (with, without) = (trained(0.1, .all), trained(0, .all))
    let mixed = trained(0.1, .weights)
    for (name, numbers) in mixed {
      let decays = name == "weight" || name == "embedding"
      #expect(numbers == (decays ? with : without)[name], "\(name)")
    }
    #expect(with["bias"] != without["bias"])
  }

  private func trained(_ decay: Float, _ decays: AdamW.Decays) -> [String: [Float]] {
    var model = Roles()
    model.trackGradients()
    var config = AdamW.Config()
    (config.weightDecay, config.decays, config.clipNorm) = (decay, decays, 1)
    var optimizer = AdamW(config, for: model)
    for _ in 0..<3 {
      // The gradients are the same whatever decays.
      let loss = model.tensors.reduce(Tensor(0)) { $0 + ($1 * Tensor([1, 2])).sum() }
      optimizer.update(&model, along: loss.gradients(), rate: 0.01)
    }
    var numbers: [String: [Float]] = [:]
    model.forEachParameter { numbers[$0.path] = $1.scalars }
    return numbers
  }

  @Test func aRecipeThatDoesNotNameThemDecaysAll() {
    #expect(AdamW.Config().decays == .all)
  }
}
