import Models
import Tensor
import TestSupport
import Testing

/// A norm by running statistics, around a linear map.
private struct Centred: Module {
  var map = Linear(weight: .ones([2, 2]), bias: .zeros([2]))
  var mean = Tensor([1, 2])
  var count: Tensor? = Tensor([Int32(3)])
  var shift = Tensor([5, 6])

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("map", &map, part: .frontEnd)
    visitor.buffer("mean", &mean)
    visitor.buffer("count", &count)
    visitor.parameter("shift", &shift, as: .shift)
  }

  /// One that has seen other data and learned something else.
  static var other: Centred {
    var other = Centred()
    (other.mean, other.count, other.shift) = (Tensor([7, 8]), Tensor([Int32(9)]), Tensor([1, 1]))
    return other
  }
}

/// A module with a child that has buffers.
private struct Outer: Module {
  var inner = Centred()

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("inner", &inner, part: .heads)
  }
}

@Suite struct BufferTests {
  @Test func theyAreStateButNotParameters() {
    let module = Centred()
    #expect(module.parameters.map(\.path) == ["map.weight", "map.bias", "shift"])
    #expect(module.parameterCount == 4 + 2 + 2)
    #expect(module.buffers.map(\.path) == ["mean", "count"])
    #expect(module.state.map(\.path) == ["map.weight", "map.bias", "mean", "count", "shift"])
    #expect(Outer().buffers.map(\.path) == ["inner.mean", "inner.count"])
    #expect(module.state.map(\.path).sorted() == storedTensors(in: module).sorted())
  }

  @Test func oneThatIsLeftOutIsNeitherShownNorAskedFor() throws {
    var module = Centred()
    module.count = nil
    #expect(module.buffers.map(\.path) == ["mean"])
    try module.load(Dictionary(uniqueKeysWithValues: module.state.map { ($0.path, $0.tensor) }))
  }

  @Test func aGradientDoesNotReachThem() {
    var module = Outer()
    module.trackGradients()
    #expect(module.parameters.allSatisfy { $0.tensor.isTracked })
    #expect(!module.buffers.contains { $0.tensor.isTracked })
  }

  /// A value that was computed with a history keeps none in a copy that is to have none.
  @Test func aDetachedCopyHasThemWithoutHistory() {
    var module = Centred()
    module.mean = Tensor([1, 2]).tracked() * 2
    let copy = module.detached()
    #expect(copy.mean.scalars == [2, 4] && !copy.mean.isTracked)
    #expect(copy.count?.integers == [3])
  }

  @Test func theyAreLoaded() throws {
    var module = Centred()
    try module.load(
      Dictionary(uniqueKeysWithValues: Centred.other.state.map { ($0.path, $0.tensor) }))
    #expect(module.mean.scalars == [7, 8] && module.count?.integers == [9])
    #expect(module.shift.scalars == [1, 1])
  }

  @Test(arguments: [
    ("mean", nil, "needs 'mean'"), ("mean", [3], "'mean' is float32 [3]"),
    ("count", [1], "'count' is float32 [1] in the file, the model's configuration makes it int32"),
  ])
  func loadingAccountsForThem(name: String, shape: [Int]?, problem: String) throws {
    var tensors = Dictionary(uniqueKeysWithValues: Centred().state.map { ($0.path, $0.tensor) })
    tensors[name] = shape.map { .zeros(Shape($0)) }
    let error = #expect(throws: ModelError.self) {
      var module = Centred()
      try module.load(tensors)
    }
    #expect(error?.description.contains(problem) == true, "got \(String(describing: error))")
  }

  @Test func anAverageTakesThoseOfTheOther() {
    var average = Centred()
    var met: [String] = []
    average.update(with: .other) { place, mine, theirs in
      met.append(place.path)
      mine = mine * 0.5 + theirs * 0.5
    }
    #expect(met == ["map.weight", "map.bias", "shift"])
    #expect(average.mean.scalars == [7, 8] && average.count?.integers == [9])
    #expect(average.shift.scalars == [3, 3.5])
  }

  @Test func anAverageOfAnotherShapeTraps() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var (average, other) = (Centred(), Centred())
      other.mean = .zeros([3])
      average.update(with: other) { _, _, _ in }
    }
    expectWords("update: mean [2] meets mean [3]", in: result)
  }

  @Test func theyArePrinted() {
    #expect(
      Centred().description.split(separator: "\n").first
        == "Centred (8)  shift [2], buffer mean [2], buffer count [1]")
  }
}

@Suite struct ParameterPlaceTests {
  private func places(of module: some Module) -> [ParameterPlace] {
    var places: [ParameterPlace] = []
    module.forEachParameter { place, _ in places.append(place) }
    return places
  }

  @Test func theInnermostPartCounts() {
    let places = places(of: Outer())
    #expect(places.map(\.path) == ["inner.map.weight", "inner.map.bias", "inner.shift"])
    #expect(places.map(\.part) == [.frontEnd, .frontEnd, .heads])
    #expect(places.map(\.role) == [.weight, .bias, .shift])
    #expect(self.places(of: Centred()).last?.part == nil)
  }

  @Test func aPartIsKnownByItsName() {
    #expect(ModulePart("heads") == .heads && ModulePart("quantizer") != .heads)
  }

  /// By the paths of the layers: what each part of an encoder holds.
  @Test(arguments: ModuleTests.configs)
  func anEncoderDeclaresItsParts(config: AudioEncoder.Config) throws {
    let parts = [
      "extractor": ModulePart.frontEnd, "projection": .frontEnd, "position": .positions,
      "transformer": .transformer,
    ]
    for place in places(of: try AudioEncoder.random(config)) {
      let child = String(place.path.split(separator: ".")[0])
      #expect(place.part == parts[child], "\(place)")
    }
  }

  /// By the names of the parameters.
  @Test(arguments: ModuleTests.configs)
  func anEncoderDeclaresItsRoles(config: AudioEncoder.Config) throws {
    for place in places(of: try AudioEncoder.random(config)) {
      let names = place.path.split(separator: ".").map(String.init)
      let isNorm = names.dropLast().last?.lowercased().hasSuffix("norm") == true
      let expected: ParameterRole =
        switch names.last! {
        case "maskEmbedding": .embedding
        case "bias": isNorm ? .shift : .bias
        default: isNorm ? .scale : .weight
        }
      #expect(place.role == expected, "\(place)")
    }
  }

  @Test func onlyAPartIsTrained() throws {
    var encoder = try AudioEncoder.random(.tiny)
    encoder.trackGradients { $0.part == .transformer }
    let tracked = encoder.parameters.filter(\.tensor.isTracked).map(\.path)
    #expect(tracked.count == 2 + 2 * 16)
    #expect(tracked.allSatisfy { $0.hasPrefix("transformer.") })
  }

  @Test func aFrozenModuleHasNoGradients() {
    var module = Outer()
    module.trackGradients()
    module.inner.map.freeze()
    let loss = (module.inner.map(.ones([1, 2])) * module.inner.shift).sum()
    let gradients = loss.gradients()
    #expect(gradients[module.inner.shift]?.scalars == [2, 2])
    #expect(module.inner.map.parameters.allSatisfy { !$0.tensor.isTracked })
  }
}
