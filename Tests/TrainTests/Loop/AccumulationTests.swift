import Audio
import Foundation
import Pretrain
import Testing
import Train

/// Several small batches make the update of a large one.
@Suite struct AccumulationTests {
  /// Every row masks ten frames, so that no row is cut down to its companions' count.
  private static func recipe(batch: Int, accumulation: Int) -> Recipe {
    var recipe = Recipe.tinyData2Vec
    recipe.mask = MaskSetting(.init(probability: 0, spanFrames: 1, minimumSpans: 10))
    (recipe.training.batchSize, recipe.training.accumulation) = (batch, accumulation)
    return recipe
  }

  @Test func equalsOneLargeBatch() throws {
    let studio = try TinyStudio()
    try studio.train(Self.recipe(batch: 4, accumulation: 1), in: "whole")
    try studio.train(Self.recipe(batch: 2, accumulation: 2), in: "halves")
    try studio.train(Self.recipe(batch: 1, accumulation: 4), in: "quarters")
    let whole = try studio.log(of: "whole")
    for name in ["halves", "quarters"] {
      for (a, b) in zip(whole, try studio.log(of: name)) {
        #expect(abs(a.loss - b.loss) <= 2e-4 * a.loss, "\(name), step \(a.step)")
        #expect(abs(a.gradientNorm - b.gradientNorm) <= 1e-3 * a.gradientNorm, "\(name)")
      }
    }
  }

  @Test func resumesBitForBit() throws {
    let studio = try TinyStudio()
    let recipe = Self.recipe(batch: 1, accumulation: 3)
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "parts", until: 2)
    try studio.train(recipe, in: "parts", .resuming)
    #expect(try studio.checkpoint(6, of: "whole") == studio.checkpoint(6, of: "parts"))
    #expect(try studio.log(of: "whole") == studio.log(of: "parts"))
  }

  @Test func theLogNamesGradientsByPart() throws {
    let studio = try TinyStudio()
    try studio.train(Recipe.tinyMERT, in: "mert", until: 1)
    let record = try #require(studio.log(of: "mert").first)
    let parts = ["frontEnd", "positions", "transformer", "heads"].map {
      record.terms["gradient.\($0)"] ?? .nan
    }
    #expect(parts.allSatisfy { $0 > 0 })
    // The mask embedding belongs to none of the parts.
    #expect(parts.reduce(0) { $0 + $1 * $1 } <= record.gradientNorm * record.gradientNorm * 1.001)
    #expect((record.terms["perplexity.0"] ?? 0) >= 1)
  }
}
