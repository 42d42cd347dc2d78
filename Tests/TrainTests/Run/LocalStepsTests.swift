import Audio
import Cluster
import Files
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Runs whose replicas train by themselves and are joined from time to time.
@Suite struct LocalStepsTests {
  private static func local(
    _ recipe: Recipe, replicas: Int = 2, every steps: Int = 2, accumulation: Int = 4
  ) -> Recipe {
    var (recipe, local) = (recipe, LocalSteps())
    (local.replicas, local.steps) = (replicas, steps)
    (recipe.training.steps, recipe.schedule.warmupSteps) = (4, 1)
    (recipe.training.batchSize, recipe.training.accumulation) = (2, accumulation)
    (recipe.training.checkpointEvery, recipe.training.keepCheckpoints) = (2, 100)
    (recipe.training.logEvery, recipe.training.local) = (1, local)
    return recipe
  }

  static let recipes = [Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec, .tinyBatchNorms, .tinyTokens]

  /// Unbroken, and stopped between two outer steps and gone on with another number of ranks.
  @Test(arguments: recipes.map(\.name)) func theBitsDoNotDependOnTheRanks(name: String) throws {
    let studio = try TinyStudio()
    let recipe = Self.local(Self.recipes.first { $0.name == name }!, replicas: 4)
    for ranks in [1, 2, 4] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
      if ranks > 1 { try expectEqual("1", "\(ranks)", step: 4, studio) }
    }
    for (ranks, limit) in [(2, 1), (1, 2), (4, 3), (2, 4)] {
      let failures = train(
        recipe, ranks: ranks, in: studio.run("changing"), of: studio, until: limit)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    try expectEqual("1", "changing", step: 4, studio)
    let names = try studio.checkpoint(4, of: "1").keys
    #expect(names.contains("outer.safetensors") && names.contains("replica-3.safetensors"))
  }

  /// Batches of a replica: of each pair one.
  private struct Half: BatchSource {
    let whole: any BatchSource<Batch>
    let replica: Int

    func samples(ofBatch number: Int) -> Range<Int> { whole.samples(ofBatch: 2 * number + replica) }
    func batch(_ number: Int) throws -> Batch { try whole.batch(2 * number + replica) }
    func files(ofBatches batches: Range<Int>) -> [String] { [] }
  }

  /// Two trainers that know nothing of each other, and the formula.
  @Test func replicasTrainAsTheyWouldAlone() throws {
    let studio = try TinyStudio()
    var recipe = Self.local(.tinyData2Vec, every: 3, accumulation: 2)
    (recipe.training.steps, recipe.training.checkpointEvery) = (3, 3)
    var joint = try Trainer(recipe, sampler: studio.sampler(recipe), codebooks: [])
    let start = joint.model.parameters.map(\.tensor.scalars)
    var plain = recipe
    (plain.training.local, plain.training.accumulation) = (nil, 1)
    let loader = try recipe.batches(
      of: TrainingMaterial(
        DecodedAudio(
          Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest,
          sampleRate: recipe.sampleRate, scratchFolder: studio.folder.path)))
    var replicas = try (0..<2).map { number in
      Trainer(
        plain, model: try plain.model(codebooks: []),
        batches: Half(whole: loader, replica: number))
    }
    for _ in 0..<3 {
      let together = try joint.advance()
      let apart = try replicas.indices.map { try replicas[$0].advance() }
      #expect(abs(together.loss - (apart[0].loss + apart[1].loss) / 2) < 1e-5)
      let norm = (apart[0].gradientNorm + apart[1].gradientNorm) / 2
      #expect(abs(together.gradientNorm - norm) < 1e-4 * norm)
    }
    let trained = replicas.map { $0.model.parameters.map(\.tensor.scalars) }
    for (number, parameter) in joint.model.parameters.enumerated() {
      // The first outer step: m = Δ, so θ - 0.7 (Δ + 0.9 Δ).
      let wanted = start[number].indices.map { i in
        let distance = start[number][i] - (trained[0][number][i] + trained[1][number][i]) / 2
        return start[number][i] - 0.7 * 1.9 * distance
      }
      expectClose(parameter.tensor, Tensor(wanted, shape: parameter.tensor.shape), relative: 1e-5)
    }
  }

  /// The third of three equal numbers is not always that number in float32. What is frozen stays, and the codebooks of
  /// tokens do.
  @Test(arguments: [1, 3]) func whatIsEqualInAllReplicasStays(ranks: Int) throws {
    let studio = try TinyStudio()
    var recipe = Self.local(.tinyTokens, replicas: 3, accumulation: 3)
    recipe.optimizer.groups = [ParameterGroup(match: "encoder.extractor", frozen: true)]
    let failures = train(recipe, ranks: ranks, in: studio.run("run"), of: studio)
    #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    let untrained = try recipe.model(codebooks: [])
    var trained = untrained
    try trained.restore(from: studio.run("run").checkpoints.appendingPathComponent("step-4"))
    var kept: Set<String> = []
    for ((path, before), (_, after)) in zip(untrained.state, trained.state)
    where path.hasPrefix("encoder.extractor.") || path.hasSuffix("books.0.vectors") {
      #expect(before.scalars == after.scalars, "\(path)")
      kept.insert(path)
    }
    #expect(kept.contains("tokens.mel.tokens.tokenizer.books.0.vectors") && kept.count > 2)
  }

  /// What moves beside the parameters is averaged over three replicas as over two, wherever they are.
  @Test func threeReplicasHaveTheSameBitsOnThreeRanks() throws {
    let studio = try TinyStudio()
    let recipe = Self.local(.tinyBatchNorms, replicas: 3, accumulation: 3)
    for ranks in [1, 3] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    try expectEqual("1", "3", step: 4, studio)
  }

  /// Distances are rounded on their way, parameters are not.
  @Test func distancesTravelInBFloat16() throws {
    let (studio, recipe) = (try TinyStudio(), Self.local(.tinyMERT))
    for wire in GradientExchange.Wire.allCases {
      #expect(
        train(recipe, ranks: 2, in: studio.run(wire.rawValue), of: studio, wire: wire) == [
          nil, nil,
        ])
    }
    let (exact, rounded) = (try studio.log(of: "fp32"), try studio.log(of: "bf16"))
    #expect(exact[1].loss == rounded[1].loss)
    #expect(exact[2].loss != rounded[2].loss)
    #expect(abs(exact[2].loss - rounded[2].loss) < 1e-3 * exact[2].loss)
  }

  /// A stop or the clock may ask for a checkpoint between two outer steps.
  @Test func checkpointsByTimeHoldAllReplicas() throws {
    let studio = try TinyStudio()
    var recipe = Self.local(.tinyData2Vec)
    recipe.training.checkpointMinutes = 0
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    recipe.training.checkpointMinutes = 1e-9
    train(recipe, ranks: 2, in: studio.run("timed"), of: studio, until: 3)
    #expect(try studio.checkpoints(of: "timed").count == 3)
    recipe.training.checkpointMinutes = 0
    train(recipe, ranks: 1, in: studio.run("timed"), of: studio)
    try expectEqual("one", "timed", step: 4, studio)
  }

  /// A checkpoint between two outer steps of a version that watched the codes of `objective.tokens` alone.
  @Test func replicasWithoutAWatchGoOn() throws {
    let studio = try TinyStudio()
    var recipe = Self.local(.tinyConformer)
    train(recipe, ranks: 1, in: studio.run("one"), of: studio)
    recipe.training.checkpointMinutes = 1e-9
    train(recipe, ranks: 1, in: studio.run("old"), of: studio, until: 3)
    try studio.editState(3, of: "old") { _ in }
    let checkpoint = studio.run("old").checkpoints.appendingPathComponent("step-3")
    let watch = checkpoint.appendingPathComponent("randomProjection.safetensors")
    try FileManager.default.removeItem(at: watch)
    let second = checkpoint.appendingPathComponent("replica-1.safetensors")
    let tensors = try SafeTensors(contentsOf: second).tensors()
    let former = tensors.filter { !$0.key.hasPrefix("companions.randomProjection.") }
    #expect(former.count < tensors.count)
    try SafeTensors.write(former, to: second)
    #expect(train(recipe, ranks: 1, in: studio.run("old"), of: studio) == [nil])
    for name in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      let (one, old) = (try studio.checkpoint(4, of: "one"), try studio.checkpoint(4, of: "old"))
      #expect(one[name] != nil && one[name] == old[name], "\(name)")
    }
  }

  @Test func isValidatedAsOneModel() throws {
    let studio = try TinyStudio()
    var recipe = Self.local(.tinyMERT)
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.4, 2)
    for ranks in [1, 2] {
      let failures = train(recipe, ranks: ranks, in: studio.run("\(ranks)"), of: studio)
      #expect(failures.allSatisfy { $0 == nil }, "\(failures)")
    }
    let found = try ["1", "2"].map { try RunLog.validations(of: studio.run($0).logFile) }
    #expect(found[0].count == 2 && found[0] == found[1])
  }

  @Test func refusesWhatReplicasCannotDo() throws {
    let studio = try TinyStudio()
    let recipe = Self.local(.tinyHuBERT, replicas: 4)
    #expect(
      train(recipe, ranks: 3, in: studio.run("run"), of: studio)[0]?.contains(
        "3 ranks cannot share") == true)
    let sharded = train(recipe, ranks: 2, in: studio.run("run"), of: studio, sharding: true)
    #expect(sharded[0]?.contains("leave it out") == true, "\(sharded)")
    var changes: [(String, (inout Recipe) -> Void)] = [
      ("accumulation", { $0.training.accumulation = 6 }),
      ("steps", { $0.training.steps = 5 }),
      ("checkpointEvery", { $0.training.checkpointEvery = 3 }),
      ("keepEvery", { $0.training.keepEvery = 3 }),
      ("averaging", { $0.training.averaging = WeightAveraging() }),
    ]
    changes.append(
      (
        "validation.every",
        {
          $0.validation = Recipe.Validation()
          ($0.validation!.share, $0.validation!.every) = (0.4, 3)
        }
      ))
    for (setting, change) in changes {
      var other = recipe
      change(&other)
      let line = complaint { try other.check() }
      #expect(line.contains(setting), "\(line)")
    }
  }
}
