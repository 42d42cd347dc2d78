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

  @Test(arguments: [UInt64(1), 2])
  func choosesTheLayerThatTellsTheClass(seed: UInt64) {
    let outcome = Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: 1), pieces: 60, seed: seed)
    #expect(outcome.layer == 1)
    #expect(outcome.accuracy > 0.9)
    #expect(outcome.validationAccuracy > 0.9)
    #expect(outcome.seed == seed)
  }

  @Test func noiseStaysNearChance() {
    let outcome = Probe(ProbeRecipe()).outcome(
      of: examples, layers: layers(informative: nil), pieces: 60, seed: 1)
    #expect(abs(outcome.accuracy - 1.0 / 3) < 0.2)
  }

  @Test func seededSubjectsAreComputedAnewOthersOnce() throws {
    var recipe = ProbeRecipe()
    recipe.seeds = [5, 6, 7]
    let probing = Probing(recipe, tasks: [examples], pieces: 60) { _, rate in
      [Float](repeating: 0, count: 5 * rate)
    }
    for dependsOnSeed in [true, false] {
      var asked: [UInt64] = []
      let subject = ProbeSubject(model: "m", kind: "random", dependsOnSeed: dependsOnSeed) { seed in
        asked.append(seed)
        return FrameFeatures(sampleRate: 100, hopLength: 10, firstCentre: 5) { _ in
          [Tensor((0..<100).map { Float($0 % 17) }, shape: [50, 2])]
        }
      }
      let rows = try probing.rows(of: subject)
      #expect(asked == (dependsOnSeed ? [5, 6, 7] : [5]))
      #expect(rows.count == 1)
      #expect(rows[0].outcomes.map(\.seed) == [5, 6, 7])
      #expect(rows[0].examples == 300 && rows[0].classes == 3)
    }
  }
}
