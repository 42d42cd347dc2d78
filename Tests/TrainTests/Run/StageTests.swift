import Audio
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
import YAML

/// Second iterations: recipes whose teacher is the model of an earlier stage, or any other model.
@Suite struct StageTests {
  /// The codes that a run's teacher gave to the first file.
  private func codes(of studio: TinyStudio, run: String) throws -> [Int32] {
    let store = try LabelStore(
      at: studio.run(run).labels.appendingPathComponent("labels-0.h5").path)
    return try store.codes(of: "0.wav").integers
  }

  private func clusters(_ edit: (inout Recipe.HiddenLayer) -> Void) -> Recipe.Clusters {
    var clusters = Recipe.Clusters()
    clusters.layer = Recipe.HiddenLayer()
    edit(&clusters.layer!)
    (clusters.clustering.clusters, clusters.clustering.restarts) = (5, 2)
    return clusters
  }

  /// One recipe, both iterations: the labels are the clusters of the first one's layer.
  @Test func oneRecipeRunsBothStages() throws {
    let studio = try TinyStudio()
    try studio.train(.tinySecond, in: "run")
    let stage = studio.run("run").stages.appendingPathComponent("hubert")
    #expect(try RunLog.steps(of: stage.logFile).last?.step == 6)
    #expect(try studio.log(of: "run").last?.step == 6)
    #expect(try RecipeFile.load(Recipe.self, from: stage.recipeFile.path) == .tinyHuBERT)

    let first = try AudioEncoder.load(try #require(try stage.latestCheckpoint))
    let samples = try AudioFile.decode(
      studio.music.appendingPathComponent("0.wav").path, sampleRate: 8_000)
    let teacher = try SafeTensors(
      contentsOf: studio.run("run").labels.appendingPathComponent("teacher-0.safetensors"))
    let kmeans = try KMeans(tensors: teacher.tensors(), file: "teacher")
    let states = try first.hiddenStates(of: samples)[1]
    #expect(try codes(of: studio, run: "run") == kmeans.assign(states))
  }

  /// What is trained and taught is not trained and taught again, and a stage that was interrupted goes on.
  @Test func finishedStagesAreReused() throws {
    let studio = try TinyStudio()
    let stages = studio.run("run").stages
    try studio.session(.tinyHuBERT).train(
      in: stages.appendingPathComponent("hubert"),
      labels: stages.appendingPathComponent("hubert").labels, until: 3)
    var trained: [String] = []
    func train(_ name: String, stages: URL? = nil, _ start: RunStart = .new) throws {
      let session = try TrainingJob(
        Recipe.tinySecond, data: Manifest.scan(studio.music.path, minimumSeconds: 0.1),
        scratch: studio.folder.url
      ) { stage in
        if case .stage(let name, "second") = stage { trained.append(name) }
        if case .started(_, let step) = stage { trained.append("from \(step)") }
      }
      let run = studio.run(name)
      try session.train(
        in: run, labels: run.labels, stages: stages, start, until: start == .new ? 1 : 2)
    }
    try train("run", stages: stages)
    #expect(trained == ["hubert", "from 3", "from 0"])
    try train("other", stages: stages)
    #expect(trained.count == 4, "the stage is there: \(trained)")
    #expect(try codes(of: studio, run: "run") == codes(of: studio, run: "other"))
    // Labels are there: the stage may be gone.
    try FileManager.default.removeItem(at: stages)
    try train("run", .resuming)
    #expect(trained.suffix(1) == ["from 1"])

    // As if it had never stopped.
    try studio.train(.tinySecond, in: "whole", until: 1)
    #expect(try codes(of: studio, run: "run") == codes(of: studio, run: "whole"))
  }

  /// The recipe that a run keeps holds that of its stage, and means the same anywhere.
  @Test func theRunsRecipeIsWhole() throws {
    let studio = try TinyStudio()
    try studio.train(.tinySecond, in: "run", until: 1)
    let recipe = try RecipeFile.load(Recipe.self, from: studio.run("run").recipeFile.path)
    #expect(recipe == .tinySecond && recipe.teacher.kmeans[0].layer?.recipe == .tinyHuBERT)
    try studio.train(recipe, in: "run", .resuming, until: 2)
    #expect(try studio.log(of: "run").count == 2)
  }

  @Test func anotherStageMakesOtherLabels() throws {
    let studio = try TinyStudio()
    try studio.train(.tinySecond, in: "run", until: 1)
    var recipe = Recipe.tinySecond
    recipe.teacher.kmeans[0].layer!.recipe!.schedule.peakRate *= 2
    #expect {
      try studio.train(recipe, in: "other", labels: "run", until: 1)
    } throws: {
      "\($0)".contains("labels-0.h5: labels come from the teacher")
    }
    #expect {
      try studio.session(recipe).train(
        in: studio.run("other"), labels: studio.run("other").labels,
        stages: studio.run("run").stages)
    } throws: {
      "\($0)".contains("stages/hubert/checkpoints/step-6") && "\($0)".contains("recipe differs")
    }
  }

  /// A run, its checkpoint and a Hugging Face folder are one model; another one is another teacher.
  @Test func anyModelTeaches() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "first", until: 2)
    var recipe = Recipe.tinySecond
    recipe.teacher.kmeans = [clusters { $0.model = RecipePath(studio.run("first").path) }]
    recipe.teacher.kmeans[0].layer!.index = 2
    try studio.train(recipe, in: "run", until: 1)

    let checkpoint = try #require(try studio.run("first").latestCheckpoint)
    recipe.teacher.kmeans[0].layer!.model = RecipePath(checkpoint.path)
    try studio.train(recipe, in: "same", labels: "run", until: 1)

    try studio.train(.tinyData2Vec, in: "first", .resuming, until: 4)
    recipe.teacher.kmeans[0].layer!.model = RecipePath(studio.run("first").path)
    #expect {
      try studio.train(recipe, in: "changed", labels: "run", until: 1)
    } throws: {
      "\($0)".contains("labels come from the teacher")
    }
  }

  @Test func modelsThatCannotTeach() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "first", until: 1)
    var recipe = Recipe.tinySecond
    recipe.teacher.kmeans = [clusters { $0.model = RecipePath(studio.run("nowhere").path) }]
    #expect {
      try studio.train(recipe, in: "run")
    } throws: {
      "\($0)".contains(studio.run("nowhere").path) && !"\($0)".contains("\n")
    }
    recipe.teacher.kmeans = [clusters { $0.model = RecipePath(studio.run("first").path) }]
    #expect {
      try studio.train(recipe, in: "run")
    } throws: {
      "\($0)".contains("has 2 layers, there is no 6")
    }
    #expect(!FileManager.default.fileExists(atPath: studio.run("run").labels.path))
  }

  @Test func recipesThatSayTooMuchOrTooLittle() {
    let edits: [(String, (inout Recipe.Clusters) -> Void)] = [
      ("teacher.kmeans[0].features: name features or a layer, not both", { $0.features = .mfcc39 }),
      ("teacher.kmeans[0]: says nothing to cluster", { $0.layer = nil }),
      ("teacher.kmeans[0].labelRate: hidden states come", { $0.labelRate = 50 }),
      (
        "teacher.kmeans[0].layer: names no model; give a model or a recipe",
        { $0.layer!.recipe = nil }
      ),
      (
        "teacher.kmeans[0].layer.model: name a model or a recipe, one of them",
        { $0.layer!.model = RecipePath("m") }
      ),
      (
        "teacher.kmeans[0].layer.index: hubert has 2 layers, there is no 3", { $0.layer!.index = 3 }
      ),
      (
        "teacher.kmeans[0].layer.index: hubert has 2 layers, there is no -1",
        { $0.layer!.index = -1 }
      ),
      ("teacher.kmeans[0].clustering.clusters", { $0.clustering.clusters = 1 }),
      ("two recipes on its way are named 'second'", { $0.layer!.recipe!.name = "second" }),
      (
        "teacher.kmeans[0].layer.recipe.training.steps: 0 is not between 1 and",
        { $0.layer!.recipe!.training.steps = 0 }
      ),
      (
        "teacher.kmeans[0].labelRate: must be above 0",
        { ($0.layer, $0.features, $0.labelRate) = (nil, .mfcc39, 0) }
      ),
      (
        "teacher.kmeans[0].labelRate: logmel128: 33.0 frames per second",
        { ($0.layer, $0.features, $0.labelRate) = (nil, .logmel128, 33) }
      ),
    ]
    for (part, edit) in edits {
      var recipe = Recipe.tinySecond
      edit(&recipe.teacher.kmeans[0])
      #expect { try recipe.check() } throws: {
        "\($0)".contains(part) && !"\($0)".contains("\n")
      }
    }
  }

  /// A plan shows what has to be trained before, and counts its time.
  @Test func aPlanHoldsItsStages() throws {
    var third = Recipe.tinySecond
    third.name = "third"
    third.teacher.kmeans[0].layer!.recipe = .tinySecond
    let plan = try third.plan()
    #expect(plan.stages.map(\.recipe) == ["hubert", "second"])
    let alone = plan.secondsPerStep(peak: 1) * 6
    let stages = plan.stages.reduce(0) { $0 + $1.secondsPerStep(peak: 1) * 6 }
    #expect(abs(plan.seconds(peak: 1) - alone - stages) < 1e-9 * alone)
    #expect(try Recipe.tinyHuBERT.plan().stages.isEmpty)
  }

  /// MFCC at 100 Hz for a model of 50 frames a second, as published; more seldom where a recipe says so.
  @Test func labelsComeAtTheTeachersRate() throws {
    let studio = try TinyStudio()
    let teaching = Teaching(.tinyHuBERT, folder: studio.run("labels"))
    let audio = try DecodedAudio(
      Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: studio.folder.url.path, minimumSeconds: 0.64)
    let manifest = try Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest
    let data = try DataIdentity(of: audio, from: manifest)
    _ = try teaching.teach(audio, data, from: manifest)
    let store = try LabelStore(
      at: studio.run("labels").appendingPathComponent("labels-0.h5").path)
    #expect(store.description.rate == LabelRate(sampleRate: 8_000, hop: 80))
    let labels = try teaching.labels(of: audio, data)
    for (file, entry) in audio.files.enumerated() {
      let all = try store.codes(of: entry.path).integers
      #expect(all.count == (entry.samples - 200) / 80 + 1)
      let expected = stride(from: 0, to: all.count, by: 2).map { all[$0] }
      let crops = try #require(labels.crops)
      #expect(crops.frames(of: file) == expected.count)
      #expect(try crops.codes(of: file, frames: 0..<expected.count) == [expected])
      #expect(try crops.codes(of: file, frames: 7..<19) == [Array(expected[7..<19])])
      let past = expected.count - 3..<expected.count + 1
      #expect(
        try crops.codes(of: file, frames: past) == [expected.suffix(3) + expected.suffix(1)],
        "the last label is repeated")
    }

    var recipe = Recipe.tinyHuBERT
    recipe.teacher.kmeans[0].labelRate = 50
    let slower = Teaching(recipe, folder: studio.run("slower"))
    _ = try slower.teach(audio, data, from: manifest)
    let crops = try #require(slower.labels(of: audio, data).crops)
    #expect(crops.frames(of: 0) == (audio.samples(of: 0) - 200) / 160 + 1)
    #expect {
      _ = try Teaching(recipe, folder: studio.run("labels")).labels(of: audio, data)
    } throws: {
      "\($0)".contains("labels are for 8000 Hz with a hop of 80 samples")
    }
  }
}
