import Evaluate
import Tensor
import Testing

@Suite struct ProbeTests {
  /// 60 pieces of five examples; layer 1 tells the class, layers 0 and 2 are noise.
  private let examples = ProbeExamples(
    task: "t",
    (0..<300).map { i in
      ProbeExample(piece: i / 5, time: Double(i % 5)..<Double(i % 5 + 1), label: "\(i * 7 % 3)")
    })

  private func layers(informative: Int?) -> [Tensor] {
    var generator = RandomStream(seed: 4, purpose: .probe)
    return (0..<3).map { layer in
      var noise = Tensor.normal([300, 6], using: &generator)
      guard layer == informative else { return noise }
      noise.update { x in for i in 0..<300 { x[i * 6 + i * 7 % 3] += 4 } }
      return noise
    }
  }

  @Test(arguments: [1, 2])
  func choosesTheLayerThatTellsTheClass(seed: Int) throws {
    let outcome = try Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: 1), pieces: 60, seed: seed)
    #expect(outcome.choices.map(\.layer) == [1, 1, 1, 1, 1])
    #expect(outcome.choices.allSatisfy { $0.validationAccuracy > 0.9 })
    #expect(outcome.accuracy > 0.9)
    #expect(outcome.seed == seed)
  }

  @Test func noiseStaysNearChance() throws {
    let outcome = try Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: nil), pieces: 60, seed: 1)
    #expect(abs(outcome.accuracy - 1.0 / 3) < 0.1)
  }

  @Test func randomModelsAreMadeAnewForEachSeedOthersOnce() throws {
    var recipe = ProbeRecipe()
    recipe.seeds = [5, 6, 7]
    let probing = try Probing(recipe, tasks: [examples], pieces: 60) { _, rate in
      [Float](repeating: 0, count: 5 * rate)
    }
    for kind in [ProbeResult.Kind.randomInitialisation, .pretrained] {
      var asked: [Int] = []
      let subject = ProbeSubject(model: "m", kind: kind) { seed in
        asked.append(seed)
        return FrameFeatures(sampleRate: 100, hopLength: 10, firstCentre: 5) { _ in
          [Tensor((0..<100).map { Float($0 % 17) }, shape: [50, 2])]
        }
      }
      let rows = try probing.rows(of: subject)
      #expect(asked == (kind == .pretrained ? [5] : [5, 6, 7]))
      #expect(rows.count == 1)
      #expect(rows[0].outcomes.map(\.seed) == [5, 6, 7])
      #expect(rows[0].result.accuracies == rows[0].outcomes.map(\.accuracy))
    }
  }

  @Test func refusesATaskWithOneClass() {
    let same = examples.examples.map { ProbeExample(piece: $0.piece, time: $0.time, label: "x") }
    let error = ProbeError.nothingToTell(task: "t", examples: 300, classes: 1)
    #expect(throws: error) {
      try Probing(ProbeRecipe(), tasks: [ProbeExamples(task: "t", same)], pieces: 60) { _, _ in [] }
    }
  }

  @Test func refusesNumbersWithoutSense() {
    var recipe = ProbeRecipe()
    recipe.folds = 2
    let error = #expect(throws: ProbeError.self) {
      try Probing(recipe, tasks: [], pieces: 60) { _, _ in [] }
    }
    #expect(error?.description == "folds: 2 is not between 3 and 1000")
  }
}
