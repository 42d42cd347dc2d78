import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing
import Train

@Suite struct WeightAverageRunTests {
  private func averaging(_ recipe: Recipe) -> Recipe {
    var recipe = recipe
    recipe.training.averaging = WeightAveraging()
    recipe.training.averaging!.decay = 0.4
    return recipe
  }

  private func files(_ name: String, _ studio: TinyStudio) throws -> [String: Data] {
    let folder = studio.run(name).appendingPathComponent("checkpoints/step-6")
    let paths = [
      "model.safetensors", "optimizer.safetensors", "averaged/model.safetensors",
      "averaged/heads.safetensors", "averaged/config.json",
    ]
    return Dictionary(
      uniqueKeysWithValues: try paths.map {
        ($0, try Data(contentsOf: folder.appendingPathComponent($0)))
      })
  }

  @Test(arguments: [Recipe.tinyHuBERT, .tinyData2Vec])
  func anAverageIsPublishedAndGoesOn(recipe: Recipe) throws {
    let studio = try TinyStudio()
    try studio.train(recipe, in: "plain")
    try studio.train(averaging(recipe), in: "whole")
    try studio.train(averaging(recipe), in: "halved", until: 3)
    try studio.train(averaging(recipe), in: "halved", .resuming)
    let whole = try files("whole", studio)
    #expect(try whole == files("halved", studio))
    // An average changes nothing that is learned.
    let plain = try studio.checkpoint(6, of: "plain")
    #expect(plain["model.safetensors"] == whole["model.safetensors"])
    #expect(plain["optimizer.safetensors"] == whole["optimizer.safetensors"])
    #expect(plain["averaged"] == nil)

    let step = studio.run("whole").appendingPathComponent("checkpoints/step-6")
    let (model, average) = try (AudioEncoder.load(step), AudioEncoder.load(step.averaged))
    let moved = zip(model.parameters, average.parameters).filter {
      $0.tensor.scalars != $1.tensor.scalars
    }
    #expect(moved.count > model.parameters.count / 2)
  }

  @Test func thePlanCountsIt() {
    let (plain, averaged) = (
      MaskedCosts(.tinyHuBERT), MaskedCosts(averaging(.tinyHuBERT))
    )
    let count = plain.encoder.total + plain.headParameters
    #expect(averaged.memory.state == plain.memory.state + Double(4 * count))
  }
}
