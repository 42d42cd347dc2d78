import Foundation
import Models
import Tensor
import Testing
import Train

/// Runs that begin from a trained model.
@Suite struct StartingPointTests {
  private func trained(in studio: TinyStudio) throws -> AudioEncoder {
    try studio.train(.tinyData2Vec, in: "first", until: 3)
    return try AudioEncoder.load(try #require(studio.run("first").latestCheckpoint))
  }

  /// A run whose rate is too small to move anything shows where it began.
  @Test func beginsWithTheModelAndTheRecipesDropout() throws {
    let studio = try TinyStudio()
    let model = try trained(in: studio)
    var recipe = Recipe.tinyData2Vec
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e-30, 0)
    (recipe.encoder.dropout, recipe.encoder.frontEnd.gradientScale) = (0.4, 0.25)
    try studio.train(recipe, in: "second", until: 1, startingFrom: model)
    try studio.train(recipe, in: "fresh", until: 1)

    let started = try AudioEncoder.load(try #require(studio.run("second").latestCheckpoint))
    for (mine, theirs) in zip(started.parameters, model.parameters) {
      #expect(mine.tensor.scalars == theirs.tensor.scalars, "\(mine.path)")
    }
    #expect(started.config.dropout == 0.4)
    let losses = try ["second", "fresh"].map { try studio.log(of: $0)[0].loss }
    #expect(losses[0] != losses[1])
  }

  @Test func goesOnLikeAnyOtherRun() throws {
    let studio = try TinyStudio()
    let model = try trained(in: studio)
    try studio.train(.tinyData2Vec, in: "whole", startingFrom: model)
    try studio.train(.tinyData2Vec, in: "pieces", until: 3, startingFrom: model)
    try studio.train(.tinyData2Vec, in: "pieces", resuming: true)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "pieces"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
  }

  @Test(arguments: ["width", "heads", "frontEnd.strides", "normalizesWaveform", "layers"])
  func aModelOfAnotherShapeIsRefused(setting: String) throws {
    let studio = try TinyStudio()
    let model = try trained(in: studio)
    var recipe = Recipe.tinyData2Vec
    switch setting {
    case "width": recipe.encoder.width = 24
    case "heads": recipe.encoder.heads = 2
    case "frontEnd.strides": recipe.encoder.frontEnd.strides = [10, 2, 8]
    case "layers": recipe.encoder.layers = 3
    default: recipe.encoder.normalizesWaveform = false
    }
    #expect {
      try studio.train(recipe, in: "second", startingFrom: model)
    } throws: { error in
      let text = "\(error)"
      return error is RunError && text.contains("encoder.\(setting) ") && !text.contains("\n")
    }
  }
}
