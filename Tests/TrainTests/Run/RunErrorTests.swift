import Audio
import Foundation
import Models
import Optimisation
import Pretrain
import TestSupport
import Testing
import Train

/// What can be wrong with a run is said in one line that names the file.
@Suite struct RunErrorTests {
  @Test func foldersThatCannotBeUsed() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 1)
    expectError(studio.run("run").path, "--resume") {
      try studio.train(.tinyHuBERT, in: "run", until: 1)
    }
    expectError(studio.run("empty").path, "no checkpoint to resume") {
      try studio.train(.tinyData2Vec, in: "empty", .resuming)
    }
    try studio.folder.write("a file", to: "runs/file")
    expectError(studio.run("file").path + ": is not a folder; choose another place") {
      try studio.train(.tinyData2Vec, in: "file/run")
    }
    expectError(studio.run("file").path + ": is not a folder; choose another place") {
      try studio.train(.tinyHuBERT, in: "file/run")
    }
  }

  /// The refused start has not touched the run.
  @Test func anOccupiedFolderStaysAsItIs() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 2)
    let before = try studio.checkpoint(2, of: "run")
    #expect(throws: RunError.self) { try studio.train(.tinyData2Vec, in: "run") }
    #expect(try studio.checkpoint(2, of: "run") == before)
    #expect(try studio.log(of: "run").count == 2)
  }

  @Test func anotherRecipeIsNotResumed() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    var recipe = Recipe.tinyData2Vec
    recipe.schedule.peakRate *= 2
    expectError("step-1", "recipe", studio.run("run").appendingPathComponent("recipe.yaml").path) {
      try studio.train(recipe, in: "run", .resuming)
    }
  }

  @Test(arguments: [
    "state.json", "model.safetensors", "heads.safetensors", "optimizer.safetensors",
    "teacher.safetensors",
  ])
  func damagedCheckpoints(file: String) throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    let url = studio.run("run").appendingPathComponent("checkpoints/step-1/\(file)")
    let whole = try Data(contentsOf: url)
    try whole.prefix(whole.count / 2).write(to: url)
    expectError("step-1/\(file)") { try studio.train(.tinyData2Vec, in: "run", .resuming) }
    try FileManager.default.removeItem(at: url)
    expectError("step-1/\(file): is damaged", "no whole checkpoint before it") {
      try studio.train(.tinyData2Vec, in: "run", .resuming)
    }
    try whole.write(to: url)
    try studio.train(.tinyData2Vec, in: "run", .resuming, until: 2)
    #expect(try studio.log(of: "run").count == 2, "the same file, made whole, resumes")
  }

  @Test func labelsOfAnotherTeacherOrOfChangedAudio() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 1)
    var recipe = Recipe.tinyHuBERT
    recipe.teacher.kmeans[0].clustering.clusters = 5
    expectError("labels-0.h5", "teacher") {
      try studio.train(recipe, in: "other", labels: "run", until: 1)
    }
    recipe = .tinyHuBERT
    recipe.seed += 1
    expectError("labels-0.h5", "teacher") {
      try studio.train(recipe, in: "other", labels: "run", until: 1)
    }
    let first = studio.music.appendingPathComponent("0.wav")
    let original = try Data(contentsOf: first)
    try studio.write(TinyStudio.music(seconds: 1.3, seed: 99), to: "0.wav")
    expectError("run: was trained on other data: 1 file is changed (0.wav)") {
      try studio.train(.tinyHuBERT, in: "run", .resuming)
    }
    // Written anew it would differ: wav files of floats tell the time.
    try original.write(to: first)
    try studio.write(TinyStudio.music(seconds: 1.3, seed: 7), to: "new.wav")
    expectError("run: was trained on other data: 1 file is new (new.wav)") {
      try studio.train(.tinyHuBERT, in: "run", .resuming)
    }
  }

  /// Labels made anew from other audio fit the audio, but not what the run has learnt.
  @Test func labelsThatTheRunWasNotTrainedOn() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 1)
    try studio.write(TinyStudio.music(seconds: 1.3, seed: 99), to: "0.wav")
    try FileManager.default.removeItem(at: studio.run("run").labels)
    expectError("step-1", "labels differ") {
      try studio.train(.tinyHuBERT, in: "run", .resuming, acceptingOtherData: true)
    }
  }

  @Test func damagedLabels() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run", until: 1)
    let store = studio.run("run").labels.appendingPathComponent("labels-0.h5")
    let whole = try Data(contentsOf: store)
    try whole.prefix(whole.count / 2).write(to: store, options: .atomic)
    expectError("labels-0.h5") { try studio.train(.tinyHuBERT, in: "run", .resuming) }
  }

  @Test func shortFilesAreReported() throws {
    let studio = try TinyStudio()
    try studio.write(TinyStudio.music(seconds: 0.5, seed: 9), to: "short.wav")
    try studio.train(.tinyData2Vec, in: "run", until: 1)
    #expect(studio.skipped.map(\.path) == ["short.wav"])
    #expect(try RunInformation(of: studio.run("run")).skipped.map(\.path) == ["short.wav"])
    #expect(try RunInformation(of: studio.run("run")).files == 4)

    var recipe = Recipe.tinyData2Vec
    recipe.data.cropSeconds = 60
    expectError(studio.music.path) { try studio.train(recipe, in: "long") }
  }

  /// Adam moves every weight by the rate: one this great ends in infinities.
  @Test(arguments: [Recipe.tinyHuBERT.name, Recipe.tinyData2Vec.name])
  func aDivergingRunStops(name: String) throws {
    let studio = try TinyStudio()
    var recipe = name == "hubert" ? Recipe.tinyHuBERT : .tinyData2Vec
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e30, 0)
    recipe.training.steps = 40
    recipe.training.checkpointEvery = 40
    expectError("training stopped at step", "schedule.peakRate") {
      try studio.train(recipe, in: "run")
    }
    let log = try studio.log(of: "run")
    #expect(log.last.map { !$0.gradientNorm.isFinite } == true, "the log shows it")
    #expect(try studio.run("run").latestCheckpoint == nil)

    let status = RunStatus(of: studio.run("run"), name: "run")
    #expect(status.state == .stopped)
    let step = try #require(try RunStop(of: studio.run("run"))).step
    #expect(status.reason?.hasPrefix("diverged at step \(step): training stopped") == true)
  }

  @Test(arguments: [20, 0, 336])
  func spectraThatCannotBe(bins: Int) {
    var recipe = Recipe.tinyMERT
    recipe.objective.cqt!.bins = bins
    expectError("recipe mert: objective.cqt") { try recipe.check() }
  }

  @Test func recipesThatContradictThemselves() throws {
    let edits: [(String, (inout Recipe) -> Void)] = [
      ("no objective", { ($0.objective, $0.teacher) = (Objective(), Recipe.Teachers()) }),
      ("teacher.kmeans", { $0.teacher.kmeans = [] }),
      ("teacher.ema", { $0.objective.regression = TeacherRegression.Config() }),
      ("training.batchSize", { $0.training.batchSize = 0 }),
      ("training.keepCheckpoints", { $0.training.keepCheckpoints = 0 }),
      ("seed", { $0.seed = -1 }),
      ("schedule.peakRate", { $0.schedule.peakRate = .nan }),
      ("warmupSteps", { $0.schedule.warmupSteps = -1 }),
      ("data.cropSeconds", { $0.data.cropSeconds = 0.01 }),
      ("data.cropSeconds", { $0.data.cropSeconds = .infinity }),
      ("encoder.heads", { $0.encoder.heads = 5 }),
      ("unmaskedWeight", { $0.objective.unmaskedWeight = -1 }),
      ("maskedWeight", { $0.objective.maskedWeight = 0 }),
    ]
    try Recipe.tinyMERT.check()
    for (part, edit) in edits {
      var recipe = Recipe.tinyMERT
      edit(&recipe)
      expectError(part) { try recipe.check() }
    }
  }

  @Test func aRegressionKnowsMaskedFramesOnly() {
    var recipe = Recipe.tinyData2Vec
    recipe.objective.unmaskedWeight = 1
    expectError("objective.unmaskedWeight", "no effect") { try recipe.check() }
  }

  @Test func crossChecksOfMaskMixingAndTeacher() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyData2Vec
    recipe.mask.spanFrames = 30
    expectError("mask") { try studio.train(recipe, in: "mask") }
    recipe = .tinyData2Vec
    recipe.teacher.ema!.targets.topLayers = 3
    expectError("ema", "topLayers") { try studio.train(recipe, in: "ema") }
    recipe = .tinyData2Vec
    recipe.mixing = BatchMixing.Config()
    expectError("mixing.snippetSamples") { try studio.train(recipe, in: "mixing") }
    recipe = .tinyHuBERT
    recipe.teacher.kmeans[0].clustering.clusters = 100_000
    expectError("kmeans", "clusters") { try studio.train(recipe, in: "kmeans") }
  }
}
