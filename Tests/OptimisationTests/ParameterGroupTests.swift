import Models
import Optimisation
import Settings
import Tensor
import TestSupport
import Testing

/// Two layers between a front end and a head, each with one weight of 1 and one bias of 1.
private struct Stack: Module {
  struct Part: Module {
    var weight = Tensor([1])
    var bias = Tensor([1])

    mutating func visit(_ visitor: inout some ParameterVisitor) {
      visitor.parameter("weight", &weight)
      visitor.parameter("bias", &bias, as: .bias)
    }
  }

  var front = Part()
  var layers = [Part(), Part()]
  var head = Part()

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("front", &front, depth: .beforeLayers)
    for i in layers.indices { visitor.child("layers.\(i)", &layers[i], depth: .layer(i + 1)) }
    visitor.child("head", &head)
  }

  /// A loss whose gradient is 1 at every parameter.
  var sum: Tensor { parameters.reduce(Tensor(0)) { $0 + $1.tensor.sum() } }

  /// How far each parameter moved from 1.
  var moves: [String: Float] {
    Dictionary(uniqueKeysWithValues: parameters.map { ($0.path, 1 - $0.tensor.scalars[0]) })
  }
}

@Suite struct ParameterGroupTests {
  /// The first update of Adam moves each parameter by its rate.
  private func moves(
    _ groups: [ParameterGroup] = [], layerDecay: Float = 1, weightDecay: Float = 0
  ) -> [String: Float] {
    var config = AdamW.Config()
    (config.epsilon, config.clipNorm, config.weightDecay) = (1e-12, 0, weightDecay)
    (config.groups, config.layerDecay) = (groups, layerDecay)
    var model = Stack()
    model.trackGradients()
    var optimizer = AdamW(config, for: model)
    model.freeze(by: optimizer.numbers)
    optimizer.update(&model, along: model.sum.gradients(), rate: 0.125)
    return model.moves
  }

  private func expect(
    _ moves: [String: Float], _ expected: [String: Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (path, move) in moves {
      let wanted = expected[path] ?? 0.125
      #expect(
        abs(move - wanted) < 1e-6, "\(path): \(move), not \(wanted)", sourceLocation: sourceLocation
      )
    }
  }

  /// BEiT: with two layers and 0.5 the head has the whole rate, the layers 1/2 and 1/4, the front end 1/8.
  @Test func ratesFallFromLayerToLayer() {
    expect(
      moves(layerDecay: 0.5),
      [
        "layers.1.weight": 0.0625, "layers.1.bias": 0.0625, "layers.0.weight": 0.03125,
        "layers.0.bias": 0.03125, "front.weight": 0.015625, "front.bias": 0.015625,
      ])
  }

  @Test func aGroupTrainsByItsOwnNumbers() {
    let groups = [
      ParameterGroup(match: "layers.0", rate: 0.5), ParameterGroup(match: "front", frozen: true),
      ParameterGroup(match: "*.bias", weightDecay: 0),
    ]
    // Decay takes 0.125 · 0.8 of a weight of 1.
    expect(
      moves(groups, weightDecay: 0.8),
      [
        "front.weight": 0, "front.bias": 0, "layers.0.weight": 0.0625 + 0.05,
        "layers.0.bias": 0.0625, "layers.1.weight": 0.225, "head.weight": 0.225,
      ])
  }

  @Test func theLastGroupThatSetsANumberWins() {
    let groups = [
      ParameterGroup(match: "layers", rate: 0.5, frozen: true),
      ParameterGroup(match: "layers.1", frozen: false),
    ]
    expect(
      moves(groups),
      [
        "layers.0.weight": 0, "layers.0.bias": 0, "layers.1.weight": 0.0625,
        "layers.1.bias": 0.0625,
      ])
    expect(
      moves([.init(match: "head", rate: 0.5), .init(match: "*d.*", rate: 2)], layerDecay: 1),
      ["head.weight": 0.25, "head.bias": 0.25])
  }

  @Test(arguments: [
    ("layers.*.bias", ["layers.0.bias", "layers.1.bias"]),
    ("layers.1", ["layers.1.bias", "layers.1.weight"]),
    ("*.weight", ["front.weight", "head.weight", "layers.0.weight", "layers.1.weight"]),
    ("head.bias", ["head.bias"]), ("f*t", ["front.bias", "front.weight", "front.weight"]),
    ("*ead*", ["head.bias", "head.weight"]),
  ])
  func aPatternMatchesPartsAndParameters(pattern: String, paths: [String]) {
    let moved = moves([ParameterGroup(match: pattern, frozen: true)]).filter { $0.value == 0 }
    #expect(moved.keys.sorted() == Array(Set(paths)).sorted())
  }

  @Test func frozenParametersHaveNoMoments() {
    var config = AdamW.Config()
    config.groups = [ParameterGroup(match: "front", frozen: true)]
    let optimizer = AdamW(config, for: Stack())
    #expect(optimizer.state.count == 12)
    #expect(!optimizer.state.keys.contains { $0.contains("front") })
  }

  /// Stars in a row match in a time that does not double with each.
  @Test func manyStarsAreQuick() {
    let stars = String(repeating: "*e", count: 40)
    #expect(complaint(of: ParameterGroup(match: stars, frozen: true)) != nil)
  }

  private func complaint(of group: ParameterGroup, layerDecay: Float = 1) -> String? {
    var config = AdamW.Config()
    (config.groups, config.layerDecay) = ([group], layerDecay)
    do {
      _ = try ParameterNumbers(config, of: Stack())
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aPatternThatMatchesNothingIsRefused() {
    #expect(
      complaint(of: .init(match: "layer.0.bias", frozen: true))
        == "groups[0].match: no parameter matches 'layer.0.bias'; did you mean 'layers.0.bias'?")
    #expect(
      complaint(of: .init(match: "quantizer", frozen: true))
        == "groups[0].match: no parameter matches 'quantizer'; there are: front, front.weight, "
        + "front.bias, layers, layers.0, layers.1, head, head.weight, head.bias")
    #expect(complaint(of: .init(match: "bias", frozen: true)) != nil, "not in the middle of a path")
    #expect(complaint(of: .init(match: "layers.1.*s", frozen: true)) == nil)
  }

  @Test func whatCannotTrainIsRefused() throws {
    #expect(
      complaint(of: .init(match: "*", frozen: true))
        == "groups: freeze every parameter, so that nothing is left to train")
    var config = AdamW.Config()
    config.layerDecay = 0.9
    #expect(throws: InvalidSetting("layerDecay", "the model has no layers; leave it out")) {
      _ = try ParameterNumbers(config, of: Stack.Part())
    }
    #expect(throws: InvalidSetting.self) { try ParameterGroup(match: "head").validate() }
    #expect(throws: InvalidSetting.self) { try ParameterGroup(match: "", rate: 1).validate() }
    #expect(throws: InvalidSetting.self) { try ParameterGroup(match: "head", rate: 0).validate() }
  }

  /// Nothing of this is in the arithmetic of an optimiser without groups.
  @Test func factorsOf1ChangeNoBit() {
    let plain = moves(weightDecay: 0.3)
    let grouped = moves([.init(match: "*", rate: 1, weightDecay: 0.3)], weightDecay: 0.7)
    #expect(plain == grouped)
  }
}
