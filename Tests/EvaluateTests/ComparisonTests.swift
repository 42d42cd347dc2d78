import Audio
import Evaluate
import Foundation
import Models
import Pretrain
import Testing
import Train

/// A comparison from recipes to report, on a corpus of minutes.
@Suite struct ComparisonTests {
  private var recipe: Recipe {
    var recipe = Recipe()
    recipe.name = "tiny"
    recipe.encoder.frontEnd.channels = [Int](repeating: 8, count: 7)
    (recipe.encoder.width, recipe.encoder.layers, recipe.encoder.heads) = (16, 1, 2)
    recipe.encoder.feedForwardWidth = 32
    (recipe.encoder.position.kernel, recipe.encoder.position.groups) = (8, 2)
    (recipe.data.cropSeconds, recipe.mask.spanFrames) = (0.5, 3)
    var clusters = Recipe.Clusters()
    clusters.features = .mfcc39
    (clusters.clustering.clusters, clusters.clustering.restarts) = (4, 1)
    recipe.teacher.kmeans = [clusters]
    recipe.objective.codes = CodePrediction.Config()
    (recipe.training.steps, recipe.training.batchSize, recipe.training.logEvery) = (3, 2, 1)
    recipe.schedule.warmupSteps = 0
    return recipe
  }

  private var probes: ProbeRecipe {
    var probes = ProbeRecipe()
    (probes.tasks, probes.folds, probes.seeds) = ([.pitch, .beat], 3, [1, 2, 3])
    probes.maximumExamples = 200
    return probes
  }

  private func report(
    in folder: URL, seeds: [Int], stages: (Comparison.Stage) -> Void = { _ in }
  ) throws -> ComparisonReport {
    let corpus = folder.appending(path: "corpus")
    if !FileManager.default.fileExists(atPath: corpus.path) {
      try Corpus.write(to: corpus, minutes: 1.6, seed: 5)
    }
    let out = folder.appending(path: "out")
    try withoutActuallyEscaping(stages) { stages in
      let comparison = try Comparison(
        [recipe], seeds: seeds, data: corpus.path, folder: out, watch: stages)
      _ = try comparison.run(probes: probes, commands: [])
    }
    return try ComparisonReport(json: Data(contentsOf: out.appending(path: "report.json")))
  }

  @Test func everySeedIsARunAndTheTableHoldsThemAll() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "compare-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try report(in: folder, seeds: [4, 7])
    for seed in [4, 7] {
      let run = folder.appending(path: "out/tiny-seed-\(seed)")
      let resolved = try RecipeFile.load(Recipe.self, from: run.recipeFile.path)
      #expect(resolved.seed == seed)
      #expect(run.latestCheckpoint?.lastPathComponent == "step-3")
    }
    #expect(report.runs.map(\.name) == ["tiny"])
    let trained = report.probes.filter { $0.kind == .pretrained }
    #expect(trained.map(\.task) == ["pitch", "beat"])
    #expect(trained.allSatisfy { $0.accuracies.count == 2 && $0.model == "tiny" })

    var reused: [String] = []
    _ = try self.report(in: folder, seeds: [4, 7]) {
      if case .reused(let name) = $0 { reused.append(name) }
    }
    #expect(reused == ["tiny-seed-4", "tiny-seed-7"])
  }

  /// Its targets would have to vary more than normalised ones can.
  private var collapsing: Recipe {
    var recipe = recipe
    recipe.name = "collapsing"
    (recipe.teacher.kmeans, recipe.objective.codes) = ([], nil)
    recipe.objective.regression = TeacherRegression.Config()
    var teacher = EMATeacher.Config()
    teacher.targets.topLayers = 1
    (teacher.collapse.patience, teacher.collapse.leastTargets) = (1, 100)
    recipe.teacher.ema = teacher
    return recipe
  }

  @Test func aRunThatIsStoppedDoesNotHoldUpTheOthers() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "compare-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let corpus = folder.appending(path: "corpus")
    try Corpus.write(to: corpus, minutes: 1.6, seed: 5)
    let comparison = try Comparison(
      [collapsing, recipe], data: corpus.path, folder: folder.appending(path: "out")
    ) { _ in }
    let error = #expect(throws: RunError.self) {
      try comparison.run(probes: probes, commands: [])
    }
    let line = try #require(error).description
    #expect(line.contains("run collapsing was stopped: ema: the targets collapsed at step 2"))
    #expect(line.contains("all others are trained") && !line.contains("\n"))
    let out = folder.appending(path: "out")
    #expect(out.appending(path: "tiny").latestCheckpoint?.lastPathComponent == "step-3")
    #expect(!FileManager.default.fileExists(atPath: out.appending(path: "report.json").path))
  }
}
