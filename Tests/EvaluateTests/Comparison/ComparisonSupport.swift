import Audio
import Corpus
import Evaluate
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import Train

/// Recipes, probes and music of seconds.
enum Tiny {
  /// Three steps of a model of one layer.
  static func recipe(_ name: String = "tiny") -> Recipe {
    var recipe = Recipe()
    recipe.name = name
    recipe.encoder = encoder
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

  /// Its targets would have to vary more than normalised ones can.
  static var collapsing: Recipe {
    var recipe = recipe("collapsing")
    (recipe.teacher.kmeans, recipe.objective.codes) = ([], nil)
    recipe.objective.regression = TeacherRegression.Config()
    var teacher = EMATeacher.Config()
    teacher.targets.topLayers = 1
    (teacher.collapse.patience, teacher.collapse.leastTargets) = (1, 100)
    recipe.teacher.ema = teacher
    return recipe
  }

  /// Predicts tokens of log-mel, which would have to be more even than 16 codes can be.
  static var unvaried: Recipe {
    var recipe = recipe("unvaried")
    (recipe.teacher.kmeans, recipe.objective.codes) = ([], nil)
    var stream = TokenStream()
    stream.name = "mel"
    stream.features.mel = MelFrames()
    stream.tokens.randomProjection = RandomProjectionTokens()
    stream.tokens.randomProjection!.codes = 16
    recipe.objective.tokens = TokenPrediction.Config()
    recipe.objective.tokens!.streams = [stream]
    recipe.objective.tokens!.leastPerplexity = 15.99
    return recipe
  }

  /// Its clusters are of a model whose training collapses.
  static var ofCollapsingStage: Recipe {
    var recipe = recipe("second")
    var layer = Recipe.HiddenLayer()
    (layer.recipe, layer.index) = (collapsing, 1)
    (recipe.teacher.kmeans[0].features, recipe.teacher.kmeans[0].layer) = (nil, layer)
    return recipe
  }

  static var encoder: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [Int](repeating: 8, count: 7)
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (16, 1, 2, 32)
    (config.position.kernel, config.position.groups) = (8, 2)
    return config
  }

  static var probes: ProbeRecipe {
    var probes = ProbeRecipe()
    (probes.tasks, probes.folds, probes.seeds) = ([.pitch, .beat], 3, [1, 2, 3])
    probes.maximumExamples = 200
    return probes
  }

  /// Twelve pieces of the built-in corpus, of seed 5.
  static func corpus(_ folder: URL) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, data) in twelvePieces { try data.write(to: folder.appending(path: name)) }
    return folder.path
  }

  /// Rendered once for all tests.
  private static let twelvePieces: [String: Data] = {
    do {
      return try withFolder { folder in
        try Corpus.write(to: folder, minutes: 1.6, seed: 5)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try Dictionary(
          uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appending(path: $0))) }
        )
      }
    } catch { preconditionFailure("\(error)") }
  }()

  /// A model's folder.
  static func model(_ folder: URL, seed: UInt64 = 9) throws -> String {
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    try AudioEncoder(encoder, using: &generator).save(to: folder)
    return folder.path
  }
}

/// Calls `body` with a new folder, and removes it.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "evaluate-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

extension Comparison.Outcome {
  /// The report beside the page.
  var report: ComparisonReport {
    get throws {
      try ComparisonReport(
        json: Data(contentsOf: page.deletingLastPathComponent().appending(path: "report.json")))
    }
  }
}
