import Audio
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// A codec's training in a run's folder.
@Suite struct CodecRunTests {
  private func train(
    _ recipe: CodecRecipe, on studio: TinyStudio, in folder: URL, until limit: Int? = nil
  ) throws {
    try TrainingJob(
      recipe, data: Manifest.scan(studio.music.path, minimumSeconds: 0.1),
      scratch: studio.folder.url, watch: { _ in }
    ).train(in: folder, labels: folder, .resumingIfThere, until: limit)
  }

  private func expectEqualCheckpoints(_ a: URL, _ b: URL, step: Int = 6) throws {
    let folders = [a, b].map { $0.appendingPathComponent("checkpoints/step-\(step)") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folders[0].path).sorted()
    #expect(names.contains("training.safetensors"))
    for name in names where name.hasSuffix("safetensors") {
      let files = try folders.map { try Data(contentsOf: $0.appendingPathComponent(name)) }
      #expect(files[0] == files[1], "\(name)")
    }
  }

  /// Interrupted while the decoder still gets latents, and with codebooks; with discriminators or without.
  @Test(arguments: [0, 4], [CodecRecipe.tinyCodec, .tinyAdversarial])
  func aResumedRunEqualsAnUninterruptedOne(firstStep: Int, recipe: CodecRecipe) throws {
    let studio = try TinyStudio()
    let (whole, halved) = (studio.run("whole"), studio.run("halved"))
    var recipe = recipe
    recipe.codebooks.firstStep = firstStep
    try train(recipe, on: studio, in: whole)
    try train(recipe, on: studio, in: halved, until: 3)
    try train(recipe, on: studio, in: halved)
    try expectEqualCheckpoints(whole, halved)
    let steps = try RunLog.steps(of: whole.logFile)
    #expect(steps.map(\.step) == Array(1...6))
    let terms = Set(try #require(steps.last).terms.keys)
    #expect(
      terms.isSuperset(of: [
        "time", "mel", "commitment", "siSDR", "efficiency", "perplexity.1", "perplexity.3",
      ]))
  }

  @Test func anUpdateThatIsLeftOutChangesNothing() throws {
    var learner = try CodecRecipe.tinyCodec.model()
    let before = learner.state.map(\.tensor.scalars)
    learner.follow(step: 1, observing: [])
    #expect(learner.state.map(\.tensor.scalars) == before)
  }

  @Test func aCodecDoesNotBeginAsAnotherModel() throws {
    var generator = RandomStream(seed: 0, purpose: .initialisation)
    let encoder = try AudioEncoder(Recipe.tinyMERT.encoder, using: &generator)
    #expect(
      complaint {
        _ = try CodecRecipe.tinyCodec.model(
          startingAs: StartingPoint(encoder: encoder, path: "x.pt"))
      } == "recipe tiny: a codec begins at random and cannot begin as x.pt; leave out --init")
  }
}
