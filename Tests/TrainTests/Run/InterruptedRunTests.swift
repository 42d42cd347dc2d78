import Foundation
import Optimisation
import Pretrain
import TestSupport
import Testing
import Train

/// Runs that end inside an update, and go on with the same bits.
@Suite struct InterruptedRunTests {
  /// Three batches to an update, and a checkpoint after each batch.
  private static func everyBatch(_ recipe: Recipe) -> Recipe {
    var recipe = recipe
    (recipe.training.steps, recipe.schedule.warmupSteps) = (3, 1)
    recipe.training.accumulation = 3
    recipe.training.checkpointMinutes = 1e-9
    recipe.training.keepCheckpoints = 100
    return recipe
  }

  static let recipes = [
    Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec, .tinyBatchNorms, .tinyMultiMask,
  ].map(
    everyBatch)

  private static var codec: CodecRecipe {
    var recipe = CodecRecipe.tinyAdversarial
    (recipe.training.steps, recipe.training.accumulation) = (3, 3)
    (recipe.training.checkpointMinutes, recipe.training.keepCheckpoints) = (1e-9, 100)
    recipe.schedule.warmupSteps = 1
    return recipe
  }

  /// A run of which each batch has a checkpoint, and one that a process left at each of these.
  private func expectEqualFromEveryBatch(_ recipe: some TrainingRecipe) throws {
    let studio = try TinyStudio()
    func train(in name: String) throws {
      try studio.job(recipe).train(
        in: studio.run(name), labels: studio.run("whole").labels, .resumingIfThere)
    }
    try train(in: "whole")
    let all = try studio.checkpoints(of: "whole")
    #expect(
      all == [
        "step-0-batch-1", "step-0-batch-2", "step-1", "step-1-batch-1", "step-1-batch-2", "step-2",
        "step-2-batch-1", "step-2-batch-2", "step-3",
      ])
    let whole = try studio.checkpoint(3, of: "whole")
    for last in all.indices.dropLast() {
      let name = "from-\(all[last])"
      try FileManager.default.copyItem(at: studio.run("whole"), to: studio.run(name))
      for later in all[(last + 1)...] {
        try FileManager.default.removeItem(
          at: studio.run(name).checkpoints.appendingPathComponent(later))
      }
      try train(in: name)
      let end = try studio.checkpoint(3, of: name)
      #expect(end.keys.sorted() == whole.keys.sorted())
      for (file, bytes) in whole { #expect(end[file] == bytes, "\(name): \(file)") }
      #expect(try studio.log(of: name) == studio.log(of: "whole"), "\(name)")
    }
  }

  @Test(arguments: recipes.map(\.name)) func goesOnFromEveryBatch(name: String) throws {
    try expectEqualFromEveryBatch(Self.recipes.first { $0.name == name }!)
  }

  /// Codebooks learn from what all batches of an update observed.
  @Test func goesOnFromEveryBatchOfACodec() throws { try expectEqualFromEveryBatch(Self.codec) }

  @Test func theSumsOfAnUpdateAreInItsCheckpoint() throws {
    let studio = try TinyStudio()
    try studio.train(Self.recipes[2], in: "run")
    let folder = studio.run("run").checkpoints
    let inside = try studio.folder.text(of: "runs/run/checkpoints/step-1-batch-2/state.json")
    #expect(inside.contains("\"batch\" : 2") && inside.contains("\"step\" : 1"))
    #expect(inside.contains("\"update.safetensors\" : "))
    #expect(
      FileManager.default.fileExists(
        atPath: folder.appendingPathComponent("step-1-batch-2/update.safetensors").path))
    #expect(
      !FileManager.default.fileExists(
        atPath: folder.appendingPathComponent("step-2/update.safetensors").path))
  }

  // MARK: - Stop requests

  @Test func stopsWhenAskedAndGoesOn() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyData2Vec
    recipe.training.accumulation = 2
    try studio.train(recipe, in: "whole")
    let stop = StopRequest()
    studio.onEvent = { event in
      switch event {
      case .started: #expect(!stop.isAnsweredBySaving)
      case .step(let record, _):
        #expect(stop.isAnsweredBySaving)
        if record.step == 2 { stop.make() }
      default: break
      }
    }
    let stopped = #expect(throws: TrainingStopped.self) {
      try studio.train(recipe, in: "run", stop: stop)
    }
    #expect(stopped?.position == TrainingPosition(step: 2))
    #expect(
      "\(stopped!)".hasSuffix(
        "run: stopped at step 2 and saved; resume it to go on from there"
      ))
    #expect(!stop.isAnsweredBySaving)
    #expect(try studio.checkpoints(of: "run") == ["step-2"])
    studio.onEvent = { _ in }
    try studio.train(recipe, in: "run", .resumingIfThere)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (file, bytes) in a { #expect(b[file] == bytes, "\(file)") }
    #expect(try studio.log(of: "run") == studio.log(of: "whole"))
  }

  /// At whatever moment the request comes.
  @Test func stopsInsideAnUpdate() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyData2Vec
    recipe.training.accumulation = 8
    try studio.train(recipe, in: "whole")
    var stops = 0
    for milliseconds in [0, 1, 3, 5, 8, 12, 20, 30] {
      let stop = StopRequest()
      studio.onEvent = { event in
        guard case .started = event else { return }
        Thread.detachNewThread {
          usleep(UInt32(1_000 * milliseconds))
          stop.make()
        }
      }
      do {
        try studio.train(recipe, in: "run", .resumingIfThere, stop: stop)
      } catch is TrainingStopped {
        stops += 1
      }
    }
    studio.onEvent = { _ in }
    try studio.train(recipe, in: "run", .resumingIfThere)
    #expect(stops > 0)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (file, bytes) in a { #expect(b[file] == bytes, "\(file)") }
    #expect(try studio.log(of: "run") == studio.log(of: "whole"))
  }

  @Test func aRequestBeforeTheFirstStepHasNothingToSave() throws {
    let studio = try TinyStudio()
    let stop = StopRequest()
    stop.make()
    let stopped = #expect(throws: TrainingStopped.self) {
      try studio.train(.tinyHuBERT, in: "run", stop: stop)
    }
    #expect(stopped?.position == nil)
    #expect(try studio.run("run").latestCheckpoint == nil)
    try studio.train(.tinyHuBERT, in: "run", .resumingIfThere, until: 1)
  }

  // MARK: - What is kept

  @Test func everyMthIsKeptForGood() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    (recipe.training.checkpointEvery, recipe.training.keepCheckpoints) = (1, 1)
    recipe.training.keepEvery = 2
    try studio.train(recipe, in: "run", until: 5)
    #expect(try studio.checkpoints(of: "run") == ["step-2", "step-4", "step-5"])
    recipe.training.keepEvery = nil
    try studio.train(recipe, in: "run", .resuming)
    #expect(try studio.checkpoints(of: "run") == ["step-6"])
  }

  @Test(arguments: [
    ("step-12", 12, 0), ("step-12-batch-3", 12, 3), ("step-0-batch-1", 0, 1),
  ])
  func aPositionNamesItsFolder(name: String, step: Int, batch: Int) {
    let position = TrainingPosition(step: step, batch: batch)
    #expect(position.name == name)
    #expect(TrainingPosition(name: name) == position)
  }

  @Test(arguments: [
    "step-", "step-x", "step-1-batch-0", "step-1-batch-", "step-1-batch", "damaged-step-1", "best",
    ".step-3.partial", "step-1-2-3", "step-1-batch-2-3",
  ])
  func otherNamesAreNoPositions(name: String) { #expect(TrainingPosition(name: name) == nil) }

  @Test func positionsAreInTheOrderOfTraining() {
    let names = ["step-9", "step-9-batch-2", "step-9-batch-10", "step-10"]
    let positions = names.map { TrainingPosition(name: $0)! }
    #expect(positions.reversed().sorted() == positions)
  }
}

extension TinyStudio {
  /// The names of a run's checkpoints, in order.
  func checkpoints(of name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: run(name).checkpoints.path)
      .compactMap { TrainingPosition(name: $0) }.sorted().map(\.name)
  }
}
