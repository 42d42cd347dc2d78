import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

@Suite struct ParameterGroupRecipeTests {
  /// The front end and the first layer's attention stay as they are, biases do not decay, and layers learn slower
  /// downwards.
  private var recipe: Recipe {
    var recipe = Recipe.tinyHuBERT
    recipe.optimizer.layerDecay = 0.8
    recipe.optimizer.groups = [
      ParameterGroup(match: "encoder.extractor", frozen: true),
      ParameterGroup(match: "encoder.transformer.layers.0.attention", frozen: true),
      ParameterGroup(match: "*.bias", rate: 2, weightDecay: 0),
    ]
    return recipe
  }

  @Test func whatIsFrozenStaysAndARunGoesOn() throws {
    let studio = try TinyStudio()
    try studio.train(recipe, in: "whole", labels: "labels")
    try studio.train(recipe, in: "halved", labels: "labels", until: 3)
    try studio.train(recipe, in: "halved", labels: "labels", .resuming)
    let (whole, halved) = (
      try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "halved")
    )
    for name in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      #expect(whole[name] == halved[name], "\(name)")
    }

    let folder = studio.run("whole").appendingPathComponent("checkpoints/step-6")
    let trained = try AudioEncoder.load(folder).parameters
    let first = try #require(try recipe.model(codebooks: [6]).encoder as? AudioEncoder).parameters
    for (after, before) in zip(trained, first) {
      let isFrozen =
        after.path.hasPrefix("extractor") || after.path.hasPrefix("transformer.layers.0.attention.")
      #expect((after.tensor.scalars == before.tensor.scalars) == isFrozen, "\(after.path)")
    }
    let moments = try SafeTensors(
      contentsOf: folder.appendingPathComponent("optimizer.safetensors")
    ).tensors()
    #expect(!moments.keys.contains { $0.contains("extractor") || $0.contains("0.attention.") })
    #expect(moments.count == 2 * (try trainedCount(of: recipe)))
  }

  /// A layer that is computed again has the same gradients where what enters it has none.
  @Test func frozenLayersAreComputedAgainWithTheSameBits() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyMERT
    recipe.optimizer.groups = [
      ParameterGroup(match: "encoder", frozen: true),
      ParameterGroup(match: "encoder.transformer.layers.1", frozen: false),
    ]
    try studio.train(recipe, in: "kept", labels: "labels")
    recipe.training.activationCheckpointing = true
    try studio.train(recipe, in: "again", labels: "labels")
    let (kept, again) = (
      try studio.checkpoint(6, of: "kept"), try studio.checkpoint(6, of: "again")
    )
    for name in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      #expect(kept[name] == again[name], "\(name)")
    }
  }

  /// With `layerDecay`, the norm after the last layer learns as fast as the heads, whatever the encoder.
  @Test(arguments: [Recipe.tinyConformer, .tinyMERT])
  func theNormAfterTheLayersIsAsDeepAsTheHeads(recipe: Recipe) throws {
    let stack = recipe.melEncoder == nil ? "transformer" : "conformer"
    let model = try recipe.model(codebooks: recipe.teacher.codebooks)
    var depths: [ModuleDepth] = []
    model.forEachParameter { place, _ in
      if place.path.hasPrefix("encoder.\(stack).norm.") { depths.append(place.depth) }
    }
    #expect(depths == [.afterLayers, .afterLayers])
  }

  private func trainedCount(of recipe: Recipe) throws -> Int {
    let model = try recipe.model(codebooks: [6])
    let numbers = try ParameterNumbers(recipe.optimizer, of: model)
    var count = 0
    model.forEachParameter { place, _ in if !numbers.isFrozen(place) { count += 1 } }
    return count
  }

  @Test func thePlanCountsWhatIsFrozen() throws {
    let plain = MaskedCosts(.tinyHuBERT)
    var recipe = Recipe.tinyHuBERT
    recipe.optimizer.groups = [ParameterGroup(match: "encoder.extractor", frozen: true)]
    let frozen = MaskedCosts(recipe)
    let count = plain.encoder.frontEnd
    #expect(frozen.frozenParameters == count && plain.frozenParameters == 0)
    #expect(frozen.memory.state == plain.memory.state - Double(8 * count))
    #expect(frozen.memory.gradients == plain.memory.gradients - Double(4 * count))
    #expect(frozen.memory.frontEnd == 0 && frozen.memory.transformer == plain.memory.transformer)
    // Forward alone: a third of all convolutions but the first, which has two directions.
    #expect(3 * frozen.products.frontEnd > plain.products.frontEnd)
    #expect(2 * frozen.products.frontEnd < plain.products.frontEnd)
    #expect(frozen.products.transformer == plain.products.transformer)
    #expect(frozen.parameterParts.last?.name == "of both, frozen")

    // The heads alone: one direction through the encoder, two through the heads.
    recipe.optimizer.groups = [ParameterGroup(match: "encoder", frozen: true)]
    let heads = MaskedCosts(recipe)
    #expect(heads.products.transformer == plain.products.transformer / 3)
    #expect(heads.products.heads == plain.products.heads * 2 / 3)
    #expect(heads.frozenParameters == plain.encoder.total)
    #expect(heads.memory.gradients == Double(4 * plain.headParameters))

    // Where something below is trained, the gradient still goes through the frozen layers.
    recipe.optimizer.groups = [ParameterGroup(match: "encoder.transformer.layers", frozen: true)]
    #expect(MaskedCosts(recipe).products.transformer == plain.products.transformer * 2 / 3)
  }

  @Test func aCodecsPlanCountsItToo() {
    let plain = CodecCosts(.tinyCodec)
    var recipe = CodecRecipe.tinyCodec
    recipe.optimizer.groups = [ParameterGroup(match: "codec.encoder", frozen: true)]
    let frozen = CodecCosts(recipe)
    #expect(frozen.frozenParameters == plain.codec.encoder)
    #expect(frozen.products.encoder == plain.products.encoder / 3)
    #expect(frozen.products.decoder == plain.products.decoder * 2 / 3)
    #expect(frozen.memory.encoder == 0)
  }

  @Test func aPatternThatMatchesNothingIsRefusedBeforeAnyWork() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    recipe.optimizer.groups = [ParameterGroup(match: "encoder.extracter", frozen: true)]
    #expect(
      complaint { try studio.train(recipe, in: "run") }
        == "recipe hubert: optimizer.groups[0].match: no parameter matches 'encoder.extracter'; "
        + "did you mean 'encoder.extractor'?")
    #expect(complaint { _ = try recipe.plan() }.contains("encoder.extractor"))
    var codec = CodecRecipe.tinyCodec
    codec.optimizer.layerDecay = 0.9
    #expect(
      complaint { _ = try codec.plan() }.contains("optimizer.layerDecay: the model has no layers"))
  }

  /// Whatever the rate does afterwards, the run reaches its peak.
  @Test(arguments: Schedule.Kind.allCases)
  func aWarmUpLongerThanTheRunIsRefused(kind: Schedule.Kind) throws {
    var (recipe, codec) = (Recipe.tinyHuBERT, CodecRecipe.tinyCodec)
    let steps = recipe.training.steps
    codec.training.steps = steps
    for (warmup, decay, fits) in [
      (steps, 0, true), (steps + 1, 0, false), (steps - 1, 2, kind != .triStage),
    ] {
      let schedule = Schedule.Config(
        kind: kind, peakRate: 0.01, warmupSteps: warmup, decaySteps: decay)
      (recipe.schedule, codec.schedule) = (schedule, schedule)
      for check in [recipe.validate, codec.validate] {
        if fits {
          #expect(throws: Never.self) { try check() }
        } else {
          #expect(throws: InvalidSetting.self) { try check() }
        }
      }
    }
  }
}
