import Files
import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Runs that predict tokens of features.
@Suite struct TokenRunTests {
  /// The tokenisers of a checkpoint, by path.
  private func tokenizers(_ step: Int, of name: String, _ studio: TinyStudio) throws
    -> [String: Tensor]
  {
    let checkpoint = studio.run(name).checkpoints.appendingPathComponent("step-\(step)")
    let heads = try SafeTensors(contentsOf: checkpoint.appendingPathComponent("heads.safetensors"))
    return try heads.tensors().filter { $0.key.contains(".tokens.") }
  }

  @Test func tokenisersAreFittedOnceAndKept() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyTokens, in: "run")
    let (first, last) = (try tokenizers(3, of: "run", studio), try tokenizers(6, of: "run", studio))
    #expect(first.keys.contains("tokens.mel.tokens.tokenizer.books.0.vectors"))
    #expect(first.keys.contains("tokens.slow.tokens.whitening.matrix"))
    #expect(first.keys.contains("tokens.residual.tokens.tokenizer.quantizer.levels.1.entries"))
    #expect(first.keys == last.keys)
    for (name, tensor) in first { #expect(tensor.scalars == last[name]?.scalars, "\(name)") }
    let mean = try #require(first["tokens.mel.tokens.whitening.mean"])
    #expect(
      mean.scalars.contains { abs($0) > 1 }, "decibels of the music, not the zeros of a new head")
  }

  @Test func theLogHasPerplexityAndUsageFromTheFirstStep() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyTokens, in: "run", until: 2)
    let record = try #require(try studio.log(of: "run").first)
    for stream in ["mel.0", "slow.0", "residual.0", "residual.1"] {
      for term in ["loss", "accuracy", "perplexity", "usage"] {
        #expect(record.terms["tokens.\(stream).\(term)"] != nil, "\(stream).\(term)")
        #expect(record.terms["unmasked.tokens.\(stream).\(term)"] != nil, "\(stream).\(term)")
      }
    }
    #expect(try #require(record.terms["tokens.mel.0.perplexity"]) > 1)
    #expect(record.terms["features.mel"] != nil)
  }

  @Test func headsBringTheirTokenisers() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyTokens, in: "run")
    let path = studio.run("run").checkpoints.appendingPathComponent("step-6").path
    var recipe = Recipe.tinyTokens
    recipe.seed = 77
    try studio.train(
      recipe, in: "next", until: 1, startingAs: StartingPoint(path, keepingHeads: true))
    let (old, new) = (try tokenizers(6, of: "run", studio), try tokenizers(1, of: "next", studio))
    for (name, tensor) in old { #expect(tensor.scalars == new[name]?.scalars, "\(name)") }
  }

  /// Averages over whole crops, of which each batch has one: it has one code, and the run has several.
  @Test func slowFeaturesOfSmallBatchesAreTrained() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyTokens
    recipe.objective.tokens!.streams = Array(recipe.objective.tokens!.streams.prefix(1))
    recipe.objective.tokens!.streams[0].features.averageSeconds = 10
    (recipe.objective.tokens!.leastPerplexity, recipe.objective.tokens!.patience) = (1.5, 4)
    (recipe.training.batchSize, recipe.training.steps) = (1, 12)
    try studio.train(recipe, in: "run")
    let perplexities = try studio.log(of: "run").compactMap { $0.terms["tokens.mel.0.perplexity"] }
    #expect(perplexities == [Float](repeating: 1, count: 12))
  }

  /// One sample, over and over: every frame is the same.
  @Test func aConstantSignalIsRefusedBeforeTheFirstStep() throws {
    let studio = try TinyStudio()
    for file in 0..<4 { try studio.write([Float](repeating: 0.5, count: 8_000), to: "\(file).wav") }
    let error = #expect(throws: TokenError.self) { try studio.train(.tinyTokens, in: "run") }
    #expect(error?.description.hasPrefix("objective.tokens.mel: ") == true)
    #expect(try studio.log(of: "run").isEmpty)
  }

  @Test func fewCodesAreRefusedBeforeTheFirstStep() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyTokens
    recipe.objective.tokens!.leastPerplexity = 7.99
    let error = #expect(throws: TokenError.self) { try studio.train(recipe, in: "run") }
    #expect(error?.description.contains("leastPerplexity 7.99") == true)
  }
}
