import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import Testing
import Train

/// Runs that begin from a trained model.
@Suite struct StartingPointTests {
  private func trained(in studio: TinyStudio) throws -> AudioEncoder {
    try studio.train(.tinyData2Vec, in: "first", until: 3)
    return try AudioEncoder.load(try #require(try studio.run("first").latestCheckpoint))
  }

  /// A run whose rate is too small to move anything shows where it began.
  @Test func beginsWithTheModelAndTheRecipesDropout() throws {
    let studio = try TinyStudio()
    let model = try trained(in: studio)
    var recipe = Recipe.tinyData2Vec
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e-30, 0)
    (recipe.encoder.dropout, recipe.encoder.frontEnd.gradientScale) = (0.4, 0.25)
    try studio.train(recipe, in: "second", until: 1, startingAs: StartingPoint(encoder: model))
    try studio.train(recipe, in: "fresh", until: 1)

    let started = try AudioEncoder.load(try #require(try studio.run("second").latestCheckpoint))
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
    try studio.train(.tinyData2Vec, in: "whole", startingAs: StartingPoint(encoder: model))
    try studio.train(
      .tinyData2Vec, in: "pieces", until: 3, startingAs: StartingPoint(encoder: model))
    try studio.train(.tinyData2Vec, in: "pieces", .resuming)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "pieces"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
  }

  /// A model of fairseq with its four symbols, in a recipe that has them and in one that has not.
  @Test(arguments: [4, 0])
  func beginsWithTheHeads(symbols: Int) throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyMERT
    recipe.objective.codes!.specialSymbols = 4
    try studio.train(recipe, in: "first", until: 3)
    let first = try ModelSource(try #require(try studio.run("first").latestCheckpoint))
    let fairseq = studio.run("first").appendingPathComponent("first.pt")
    try first.encoder().saveFairseq(heads: first.heads(), to: fairseq)
    let heads = try ModelSource(fairseq).heads()
    #expect(heads.specialSymbols == 4)

    recipe.objective.codes!.specialSymbols = symbols
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e-30, 0)
    try studio.train(
      recipe, in: "second", labels: "first", until: 1,
      startingAs: StartingPoint(encoder: first.encoder(), heads: heads))
    let second = try ModelSource(try #require(try studio.run("second").latestCheckpoint)).heads()
    let expected = symbols == 4 ? heads : heads.withoutSymbols()
    #expect(second.specialSymbols == symbols)
    #expect(second.tensors.keys.sorted() == expected.tensors.keys.sorted())
    #expect(second.tensors.count == 6)
    for (name, tensor) in expected.tensors {
      #expect(second.tensors[name]?.scalars == tensor.scalars, "\(name)")
    }
  }

  /// The decoder of several masks is one of the heads, and the map after it does not read the encoder's frames.
  @Test func beginsWithADecoder() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyMultiMask, in: "first", until: 1)
    let first = try #require(try studio.run("first").latestCheckpoint)
    let start = try StartingPoint(first.path, keepingHeads: true)
    let heads = try #require(start.heads)
    #expect(heads.tensors["regression.projection.weight"]?.shape == [12, 8])
    var recipe = Recipe.tinyMultiMask
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e-30, 0)
    try studio.train(recipe, in: "second", until: 1, startingAs: start)
    let second = try ModelSource(try #require(try studio.run("second").latestCheckpoint)).heads()
    #expect(second.tensors.keys.sorted() == heads.tensors.keys.sorted())
    for (name, tensor) in heads.tensors {
      #expect(second.tensors[name]?.scalars == tensor.scalars, "\(name)")
    }
  }

  @Test func headsOfAnotherObjectiveAreRefused() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyMERT, in: "first", until: 1)
    let first = try ModelSource(try #require(try studio.run("first").latestCheckpoint))
    var recipe = Recipe.tinyMERT
    recipe.objective.cqt = nil
    for (recipe, problem) in [
      (recipe, "no place for 'spectrum.projection.bias'"),
      (Recipe.tinyData2Vec, "needs 'regression.projection.weight'"),
    ] {
      #expect {
        try studio.train(
          recipe, in: "second", startingAs: StartingPoint(heads: first.heads()))
      } throws: { error in
        let text = "\(error)"
        return error is RunError && text.contains(problem) && !text.contains("\n")
      }
    }
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
      try studio.train(recipe, in: "second", startingAs: StartingPoint(encoder: model))
    } throws: { error in
      let text = "\(error)"
      return error is RunError && text.contains("encoder.\(setting) ") && !text.contains("\n")
    }
  }
}
