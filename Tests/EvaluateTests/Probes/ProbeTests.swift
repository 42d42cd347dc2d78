import Evaluate
import Settings
import Tensor
import Testing
import Train
import YAML

@Suite struct ProbeTests {
  /// 60 pieces of five examples; layer 1 tells the class, layers 0 and 2 are noise.
  private let examples = ProbeExamples(
    task: "t",
    (0..<300).map { i in
      ProbeExample(piece: i / 5, time: Double(i % 5)..<Double(i % 5 + 1), label: "\(i * 7 % 3)")
    })

  private func layers(informative: Int?) -> [Probe.Layer] {
    var generator = RandomStream(seed: 4, purpose: .probe)
    return (0..<3).map { layer in
      var noise = Tensor.normal([300, 6], using: &generator)
      if layer == informative {
        noise.update { x in for i in 0..<300 { x[i * 6 + i * 7 % 3] += 4 } }
      }
      return Probe.Layer(number: layer, features: noise)
    }
  }

  @Test(arguments: [1, 2])
  func choosesTheLayerThatTellsTheClass(seed: Int) throws {
    let outcome = try Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: 1), pieces: 60, seed: seed)
    #expect(outcome.choices.map(\.layer) == [1, 1, 1, 1, 1])
    #expect(outcome.choices.allSatisfy { $0.validationScore > 0.9 })
    #expect(outcome.score > 0.9)
    #expect(outcome.seed == seed)
  }

  /// Each by itself; of a single layer it is the score.
  @Test func everyLayerHasAScore() throws {
    let probe = Probe(ProbeRecipe())
    let layers = layers(informative: 1)
    let outcome = try probe.outcome(of: examples, layers: layers, pieces: 60, seed: 1)
    let profile = try #require(outcome.layers)
    #expect(profile.map(\.layer) == [0, 1, 2])
    #expect(profile[1].score == outcome.score)
    for (layer, entry) in zip(layers, profile) {
      let alone = try probe.outcome(of: examples, layers: [layer], pieces: 60, seed: 1)
      #expect(entry.score == alone.score)
    }
    #expect(abs(profile[0].score - 1.0 / 3) < 0.1 && abs(profile[2].score - 1.0 / 3) < 0.1)
  }

  /// Noise of three levels has one mean: only its deviation tells the class.
  @Test func meanOrDeviationIsChosen() throws {
    var scores: [FrameFeatures.Pooling: Double] = [:]
    for pooling in FrameFeatures.Pooling.allCases {
      var recipe = ProbeRecipe()
      (recipe.seeds, recipe.pooling) = ([1], pooling)
      let probing = try Probing(recipe, tasks: [examples], pieces: 60) { piece, _ in
        [Float(piece)]
      }
      let subject = ProbeSubject(model: "m", kind: .pretrained) { _ in
        FrameFeatures(sampleRate: 100, hopLength: 10, firstCentre: 5, pooling: pooling) { audio in
          var generator = RandomStream(seed: UInt64(audio[0]), purpose: .probe)
          let levels = (0..<60).map { [1, 4, 16][(5 * Int(audio[0]) + $0 / 10) * 7 % 3] as Float }
          let noise = Tensor.normal([60, 4], using: &generator)
          return [noise * Tensor(levels, shape: [60, 1])]
        }
      }
      scores[pooling] = try probing.rows(of: subject)[0].scores[0]
    }
    #expect(scores[.mean]! < 0.6)
    #expect(scores[.meanAndDeviation]! > 0.9 && scores[.chosen]! > 0.9)
  }

  @Test func noiseStaysNearChance() throws {
    let outcome = try Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: nil), pieces: 60, seed: 1)
    #expect(abs(outcome.score - 1.0 / 3) < 0.1)
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
      #expect(rows[0].result.scores == rows[0].outcomes.map(\.score))
    }
  }

  @Test func refusesATaskWithOneClass() {
    let same = examples.examples.map { ProbeExample(piece: $0.piece, time: $0.time, label: "x") }
    let error = ProbeError.nothingToTell(task: "t", examples: 300, classes: 1)
    #expect(throws: error) {
      try Probing(ProbeRecipe(), tasks: [ProbeExamples(task: "t", same)], pieces: 60) { _, _ in [] }
    }
  }

  /// Kind: checks come where a value is used, not first.
  @Test(arguments: [
    ("folds=2", "folds: 2 is not between 3 and 1000"), ("seeds=[]", "seeds: give at least one"),
    ("seeds=[1, -1]", "seeds[1]: -1 is not between 0 and"), ("seeds=[1, 1]", "has one twice"),
    ("tasks=[]", "tasks: name at least one of key"), ("tasks=[key, key]", "names a task twice"),
    ("maximumPieces=4", "maximumPieces: 4 pieces cannot be dealt into 5 folds"),
    ("maximumExamples=0", "maximumExamples: 0 is not between 1 and"),
    ("regression.penalties=[]", "regression.penalties: give at least one"),
    ("regression.penalties=[1, 0]", "regression.penalties[1]: must be above 0, is 0"),
    ("regression.iterations=0", "regression.iterations: 0 is not between 1 and"),
    ("regression.tolerance=-1", "regression.tolerance: must be above 0, is -1"),
    ("pooling=max", "pooling: expected one of mean, meanAndDeviation, chosen, found 'max'"),
  ])
  func aRecipeOfProbesIsCheckedWhenItIsRead(setting: String, words: String) throws {
    do {
      _ = try RecipeFile.defaults(of: ProbeRecipe.self, settings: [setting])
      Issue.record("no error")
    } catch {
      #expect("\(error)".hasPrefix("--set ") && "\(error)".contains(words), "\(error)")
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
