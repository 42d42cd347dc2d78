import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing
import Train

/// Runs that are the same bit for bit: twice, and in two pieces.
@Suite struct ResumeTests {
  static let recipes = [
    Recipe.tinyHuBERT, .tinyMERT, .tinyData2Vec, .tinyConformer, .tinyKeys, .tinyBatchNorms,
    .tinyMel2Vec,
    .tinyMultiMask, .tinyTokens,
  ]

  /// Fails unless both runs end in the same bits and said the same.
  private func expectEqual(
    _ a: String, _ b: String, _ studio: TinyStudio, at step: Int = 6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (first, second) = (
      try studio.checkpoint(step, of: a), try studio.checkpoint(step, of: b)
    )
    #expect(first.keys.sorted() == second.keys.sorted(), sourceLocation: sourceLocation)
    for (name, bytes) in first {
      #expect(bytes == second[name], "\(name)", sourceLocation: sourceLocation)
    }
    let log = try studio.log(of: a)
    #expect(log.map(\.step) == Array(1...step), sourceLocation: sourceLocation)
    #expect(log == (try studio.log(of: b)), sourceLocation: sourceLocation)
  }

  @Test(arguments: recipes.map(\.name))
  func resumedEqualsUninterrupted(name: String) throws {
    let recipe = Self.recipes.first { $0.name == name }!
    let studio = try TinyStudio()
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "pieces", labels: "whole", until: 3)
    #expect(try studio.log(of: "pieces").count == 3)
    try studio.train(recipe, in: "pieces", labels: "whole", .resuming)
    try expectEqual("whole", "pieces", studio)

    let files = try studio.checkpoint(6, of: "whole").keys
    #expect(files.contains("teacher.safetensors") == (recipe.teacher.ema != nil))
    #expect(Set(files).isSuperset(of: ["model.safetensors", "heads.safetensors", "config.json"]))
  }

  /// A run and its stage whose audio comes from a cache; it is begun without and gone on with it.
  @Test(arguments: ["second", "data2vec"])
  func audioOfACacheGivesTheSameBits(name: String) throws {
    let recipe = name == "second" ? Recipe.tinySecond : .tinyData2Vec
    let studio = try TinyStudio()
    let cache = studio.folder.url.appendingPathComponent("cache")
    try studio.train(recipe, in: "whole")
    try studio.train(recipe, in: "cached", cache: cache)
    try expectEqual("whole", "cached", studio)
    try studio.train(recipe, in: "pieces", until: 3)
    try studio.train(recipe, in: "pieces", .resuming, cache: cache)
    try expectEqual("whole", "pieces", studio)
    // The samples of four files, and the logs of a cache.
    let files = try FileManager.default.subpathsOfDirectory(atPath: cache.path)
    #expect(files.filter { $0.hasSuffix(".f32") }.count == 4 && files.contains("files.log"))
  }

  /// What a process leaves behind that is killed before its first checkpoint: the same command line begins
  /// again, and what was logged is kept.
  @Test func endedBeforeItsFirstCheckpointItBeginsAnew() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "whole")
    try studio.train(.tinyHuBERT, in: "killed", labels: "whole", until: 2)
    try FileManager.default.removeItem(at: studio.run("killed").checkpoints)
    let information = try studio.folder.text(of: "runs/killed/run.json")
    try studio.folder.write(
      information.replacing("\"hasCheckpoint\" : true", with: "\"hasCheckpoint\" : false"),
      to: "runs/killed/run.json")
    #expect {
      try studio.train(.tinyHuBERT, in: "killed", labels: "whole")
    } throws: {
      "\($0)".contains("log.jsonl tells of step 2, but there is no checkpoint")
    }
    try studio.train(.tinyHuBERT, in: "killed", labels: "whole", .resumingIfThere)
    try expectEqual("whole", "killed", studio)
    #expect(studio.remarks.contains { $0.contains("its log is now log-1.jsonl") })
    let former = studio.run("killed").appendingPathComponent("log-1.jsonl")
    #expect(try RunLog.steps(of: former).map(\.step) == [1, 2])
  }

  /// Layers that are computed again in the backward pass, with everything random switched on.
  @Test(arguments: recipes.map(\.name))
  func recomputedLayersGiveTheSameBits(name: String) throws {
    var recipe = Self.recipes.first { $0.name == name }!
    (recipe.training.steps, recipe.schedule.warmupSteps) = (3, 1)
    let studio = try TinyStudio()
    try studio.train(recipe, in: "kept")
    recipe.training.activationCheckpointing = true
    try studio.train(recipe, in: "again", labels: "kept")
    let (a, b) = (
      try studio.checkpoint(3, of: "kept"), try studio.checkpoint(3, of: "again")
    )
    for file in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      #expect(a[file] == b[file], "\(file)")
    }
    #expect(try studio.log(of: "kept") == studio.log(of: "again"))
  }

  /// The collection's files have the encoder's rate, so crops are the same to the bit.
  @Test(arguments: recipes.map(\.name))
  func decodingOnDemandGivesTheSameBits(name: String) throws {
    var recipe = Self.recipes.first { $0.name == name }!
    let studio = try TinyStudio()
    try studio.train(recipe, in: "ahead")
    recipe.data.decoding = .onDemand
    try studio.train(recipe, in: "onDemand", labels: "ahead", until: 3)
    try studio.train(recipe, in: "onDemand", labels: "ahead", .resuming)
    let (a, b) = (
      try studio.checkpoint(6, of: "ahead"), try studio.checkpoint(6, of: "onDemand")
    )
    for file in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      #expect(a[file] == b[file], "\(file)")
    }
    #expect(try studio.log(of: "ahead") == studio.log(of: "onDemand"))
  }

  @Test(arguments: recipes.map(\.name))
  func theSeedDecidesEverything(name: String) throws {
    var recipe = Self.recipes.first { $0.name == name }!
    (recipe.training.steps, recipe.schedule.warmupSteps) = (3, 1)
    let studio = try TinyStudio()
    try studio.train(recipe, in: "a")
    try studio.train(recipe, in: "b")
    try expectEqual("a", "b", studio, at: 3)

    recipe.seed += 1
    try studio.train(recipe, in: "c")
    let (a, c) = (try studio.checkpoint(3, of: "a"), try studio.checkpoint(3, of: "c"))
    for file in ["model.safetensors", "heads.safetensors", "optimizer.safetensors"] {
      #expect(a[file] != c[file], "\(file)")
    }
    #expect(try studio.log(of: "a").map(\.loss) != studio.log(of: "c").map(\.loss))
  }

  /// The run had logged two steps, and half a third, after its last checkpoint.
  @Test func crashedBetweenCheckpoints() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "whole")
    try studio.train(.tinyHuBERT, in: "crashed", labels: "whole", until: 5)
    let checkpoints = studio.run("crashed").appendingPathComponent("checkpoints")
    try FileManager.default.removeItem(at: checkpoints.appendingPathComponent("step-5"))
    let log = try FileHandle(forWritingTo: studio.run("crashed").logFile)
    try log.seekToEnd()
    try log.write(contentsOf: Data(#"{"audioSecondsPerSecond":9.1,"step":6,"lo"#.utf8))
    try log.close()

    try studio.train(.tinyHuBERT, in: "crashed", labels: "whole", .resuming)
    try expectEqual("whole", "crashed", studio)
    let lines = try String(contentsOf: studio.run("crashed").logFile, encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 6)
  }

  /// A crash while a checkpoint was written leaves part of it under another name.
  @Test func crashedInACheckpoint() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "whole")
    try studio.train(.tinyHuBERT, in: "crashed", labels: "whole", until: 3)
    for step in [6, 9] {
      let partial = "runs/crashed/checkpoints/.step-\(step).partial"
      try studio.folder.write("half", to: partial + "/model.safetensors")
      try studio.folder.write("junk", to: partial + "/junk")
    }
    try studio.train(.tinyHuBERT, in: "crashed", labels: "whole", .resuming)
    try expectEqual("whole", "crashed", studio)
  }

  /// One file is so loud for the model to begin with that its batches overflow: their updates are left out,
  /// and neither the optimiser nor a resumed run counts them.
  @Test func resumedAfterUpdatesWereLeftOut() throws {
    let studio = try TinyStudio()
    // With such a seed it is not in batches 3 and 6, after which a run may end.
    let seed = try #require(
      (1...100).first { seed in
        let order = EpochOrder.keyed.drawn(count: 4, seed: UInt64(seed))
        let third = (0..<2).map { order.item(at: $0, ofEpoch: 1) }
        let sixth = (2..<4).map { order.item(at: $0, ofEpoch: 2) }
        return !(third + sixth).contains(0)
      })
    let (recipe, beginning) = try studio.overflowingStart(seed: seed)
    try studio.train(recipe, in: "whole", startingAs: beginning)
    try studio.train(recipe, in: "pieces", until: 3, startingAs: beginning)
    try studio.train(recipe, in: "pieces", .resuming)

    let norms = try studio.log(of: "whole").map(\.gradientNorm)
    #expect(norms.prefix(3).contains { !$0.isFinite }, "nothing was left out: \(norms)")
    #expect(norms.suffix(3).contains { $0.isFinite }, "everything was left out: \(norms)")
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "pieces"))
    for (name, bytes) in a { #expect(bytes == b[name], "\(name)") }
    let text = try String(contentsOf: studio.run("whole").logFile, encoding: .utf8)
    #expect(text.contains("left out an update"))
  }

  @Test func keepsTheLastCheckpoints() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    (recipe.training.checkpointEvery, recipe.training.keepCheckpoints) = (1, 2)
    try studio.train(recipe, in: "run", until: 4)
    let checkpoints = studio.run("run").appendingPathComponent("checkpoints")
    func found() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).sorted()
    }
    #expect(try found() == ["step-3", "step-4"])
    try studio.train(recipe, in: "run", .resuming)
    #expect(try found() == ["step-5", "step-6"])
    #expect(try studio.run("run").latestCheckpoint?.lastPathComponent == "step-6")
  }

  /// Numbers sort as numbers: step 10 comes after step 9.
  @Test func goesOnFromTheGreatestStep() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    (recipe.training.steps, recipe.training.keepCheckpoints) = (12, 3)
    recipe.training.checkpointEvery = 1
    try studio.train(recipe, in: "run", until: 10)
    #expect(try studio.run("run").latestCheckpoint?.lastPathComponent == "step-10")
    try studio.train(recipe, in: "run", .resuming)
    #expect(try studio.log(of: "run").map(\.step) == Array(1...12))
  }
}
