import Audio
import Cluster
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Runs that several ranks train together, here threads: the same bits as one process.
@Suite struct RanksRunTests {
  private static func shared(_ recipe: Recipe, accumulation: Int = 8) -> Recipe {
    var recipe = recipe
    (recipe.training.steps, recipe.schedule.warmupSteps) = (4, 1)
    (recipe.training.batchSize, recipe.training.accumulation) = (2, accumulation)
    (recipe.training.checkpointEvery, recipe.training.keepCheckpoints) = (2, 10)
    recipe.training.logEvery = 1
    return recipe
  }

  static let recipes = [
    Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec, .tinyBatchNorms, .tinyMultiMask, .tinyTokens,
  ].map { shared($0) }

  /// Unbroken by two and four ranks; and by two, then one, then four.
  private func expectTheBitsOfOneProcess(_ recipe: some TrainingRecipe) throws {
    let studio = try TinyStudio()
    #expect(train(recipe, ranks: 1, in: studio.run("one"), of: studio) == [nil])
    for ranks in [2, 4] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
      try expectEqual("one", "\(ranks)", step: 4, studio)
    }
    for (ranks, limit) in [(2, 1), (1, 2), (4, 4)] {
      let failures = train(
        recipe, ranks: ranks, in: studio.run("changing"), of: studio, until: limit)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    try expectEqual("one", "changing", step: 4, studio)
  }

  @Test(arguments: recipes.map(\.name)) func trainsAsOneProcess(name: String) throws {
    try expectTheBitsOfOneProcess(Self.recipes.first { $0.name == name }!)
  }

  /// Codebooks learn from what the batches of all ranks observed.
  @Test func trainsACodecAsOneProcess() throws {
    var recipe = CodecRecipe.tinyAdversarial
    (recipe.training.steps, recipe.schedule.warmupSteps) = (4, 1)
    (recipe.training.batchSize, recipe.training.accumulation) = (1, 4)
    (recipe.training.checkpointEvery, recipe.training.keepCheckpoints) = (2, 10)
    try expectTheBitsOfOneProcess(recipe)
  }

  // MARK: - Moments of a share of the parameters

  @Test(arguments: recipes.map(\.name)) func shardsTheOptimizer(name: String) throws {
    let studio = try TinyStudio()
    let recipe = Self.recipes.first { $0.name == name }!
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    for ranks in [2, 4] {
      let failures = train(
        recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio, sharding: true)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
      try expectEqual("one", "\(ranks)", step: 4, studio)
    }
    for (ranks, limit, sharding) in [(2, 1, true), (4, 2, true), (1, 3, false), (2, 4, true)] {
      let failures = train(
        recipe, ranks: ranks, in: studio.run("changing"), of: studio, until: limit,
        sharding: sharding)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    try expectEqual("one", "changing", step: 4, studio)
  }

  /// In bfloat16 the sums are rounded in the same way.
  @Test func shardsTheOptimizerInBFloat16() throws {
    let (studio, recipe) = (try TinyStudio(), Self.shared(.tinyMERT))
    for sharding in [false, true] {
      let failures = train(
        recipe, ranks: 2, in: studio.run("\(sharding)"), of: studio, wire: .bf16,
        sharding: sharding)
      #expect(failures == [nil, nil])
    }
    try expectEqual("false", "true", step: 4, studio)
  }

  /// All ranks write one checkpoint together, also when it is the time that asks for it.
  @Test func shardsTheOptimizerInCheckpointsByTime() throws {
    let studio = try TinyStudio()
    var recipe = Self.shared(.tinyData2Vec)
    (recipe.training.checkpointMinutes, recipe.training.checkpointEvery) = (1e-9, 100)
    recipe.training.keepCheckpoints = 100
    let failures = train(recipe, ranks: 2, in: studio.run("run"), of: studio, sharding: true)
    #expect(failures == [nil, nil])
    #expect(try studio.checkpoints(of: "run").count == 4)
    recipe.training.checkpointMinutes = 0
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    for file in ["model.safetensors", "optimizer.safetensors"] {
      #expect(
        try studio.checkpoint(4, of: "one")[file] == studio.checkpoint(4, of: "run")[file])
    }
  }

  // MARK: - Stages

  /// A checkpoint with averaged weights has a folder in it.
  @Test func aStageAveragesItsWeights() throws {
    let studio = try TinyStudio()
    var stage = Self.shared(.tinyHuBERT, accumulation: 2)
    stage.training.averaging = WeightAveraging()
    var recipe = Self.shared(.tinySecond, accumulation: 2)
    recipe.teacher.kmeans[0].layer!.recipe = stage
    #expect(train(recipe, ranks: 2, in: studio.run("run"), of: studio) == [nil, nil])
  }

  // MARK: - Validation

  /// Held-out batches are shared, too.
  @Test func validatesAsOneProcess() throws {
    let studio = try TinyStudio()
    var recipe = Self.shared(.tinyMERT)
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.4, 2)
    for ranks in [1, 2] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    let found = try ["1", "2"].map { try RunLog.validations(of: studio.run($0).logFile) }
    #expect(found[0].count == 2 && found[0] == found[1])
  }

  /// Three ranks of eight batches add in another order, so the bits differ, and nothing more.
  @Test func otherNumbersOfRanksTrainToRounding() throws {
    let studio = try TinyStudio()
    let recipe = Self.shared(.tinyData2Vec)
    for ranks in [1, 3] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    for (a, b) in zip(try studio.log(of: "1"), try studio.log(of: "3")) {
      #expect(abs(a.loss - b.loss) < 1e-3 * abs(a.loss))
    }
  }

  /// A process that stopped inside an update leaves sums that ranks cannot share: they begin the update anew.
  @Test func goesOnFromInsideAnUpdate() throws {
    let studio = try TinyStudio()
    var recipe = Self.shared(.tinyData2Vec)
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    recipe.training.checkpointMinutes = 1e-9
    recipe.training.keepCheckpoints = 100
    train(recipe, ranks: 1, in: studio.run("inside"), of: studio, until: 2)
    let checkpoints = studio.run("inside").checkpoints
    for name in try studio.checkpoints(of: "inside")
    where TrainingPosition(name: name)! > TrainingPosition(step: 1, batch: 3) {
      try FileManager.default.removeItem(at: checkpoints.appendingPathComponent(name))
    }
    recipe.training.checkpointMinutes = 0
    #expect(train(recipe, ranks: 2, in: studio.run("inside"), of: studio) == [nil, nil])
    let (a, b) = (try studio.checkpoint(4, of: "one"), try studio.checkpoint(4, of: "inside"))
    for file in ["model.safetensors", "optimizer.safetensors"] { #expect(a[file] == b[file]) }
  }

  // MARK: - Failures

  /// A rank whose batch holds NaN: all leave out the update.
  @Test func aNaNOnOneRankLeavesOutTheUpdateOfAll() throws {
    var recipe = Recipe.tinyData2Vec
    (recipe.encoder.normalizesWaveform, recipe.training.accumulation) = (false, 2)
    recipe.training.batchSize = 1
    let source = SpoiledSource()
    func train(ranks: Int) throws -> [[String]] {
      try ThreadCommunicator.run(ranks: ranks) { [recipe] ranks in
        let material = TrainingMaterial(source, ranks: ranks)
        var trainer = Trainer(
          recipe, model: try recipe.model(codebooks: []), batches: try recipe.batches(of: material),
          placement: Placement(ranks))
        return try (0..<6).map { _ in
          let isLeftOut = try !trainer.advance().gradientNorm.isFinite
          return "\(isLeftOut) \(trainer.model.parameters[0].tensor.scalars)"
        }
      }
    }
    let (alone, together) = (try train(ranks: 1), try train(ranks: 2))
    #expect(together == [alone[0], alone[0]])
    #expect((1...5).contains(alone[0].count { $0.hasPrefix("true") }))
  }

  @Test func everyRankNeedsABatch() throws {
    let studio = try TinyStudio()
    let failures = train(
      Self.shared(.tinyHuBERT, accumulation: 2), ranks: 3, in: studio.run("run"), of: studio)
    #expect(
      failures.allSatisfy { $0?.contains("training.accumulation is 2, and 3 ranks") == true },
      "\(failures)")
  }

  @Test func theFolderIsTheFirstRanksAffair() throws {
    let studio = try TinyStudio()
    let folder = studio.run("run")
    train(Self.shared(.tinyHuBERT), ranks: 1, in: folder, of: studio)
    var other = Self.shared(.tinyHuBERT)
    other.seed += 1
    let failures = train(other, ranks: 2, in: folder, of: studio)
    #expect(failures[0]?.contains("its recipe differs") == true)
    #expect(failures[1]?.hasPrefix("rank 0 on here: ") == true)
  }

  /// One rank cannot read a file any more: all save and end, and the run goes on with the same bits.
  @Test func aFileThatVanishesEndsAllAndTheRunGoesOn() throws {
    let studio = try TinyStudio()
    var recipe = Self.shared(.tinyData2Vec)
    recipe.data.decoding = .onDemand
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    let (music, away) = (studio.music.path, studio.folder.url.appendingPathComponent("away").path)
    let failures = train(recipe, ranks: 2, in: studio.run("run"), of: studio) { rank, event in
      if case .advanced(1, _) = event { rename(music, away) }
    }
    #expect(failures.allSatisfy { $0?.contains(".wav") == true }, "\(failures)")
    #expect(rename(away, music) == 0)
    #expect(train(recipe, ranks: 4, in: studio.run("run"), of: studio) == [nil, nil, nil, nil])
    try expectEqual("one", "run", step: 4, studio)
  }
}
