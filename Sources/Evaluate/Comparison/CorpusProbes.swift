import Audio
import Foundation
import Models
import YAML

/// Logistic regressions on the pieces of a corpus that have the labels of the built-in one, dealt into folds.
struct CorpusProbes: ComparisonProbes {
  private let recipe: ProbeRecipe
  private let corpus: ProbeCorpus
  private let probing: Probing

  init(_ recipe: ProbeRecipe, in folder: URL, _ watch: (Comparison.Event) -> Void) throws {
    self.recipe = recipe
    corpus = try withoutActuallyEscaping(watch) { watch in
      try ProbeCorpus(folder) { watch(.checking($0, of: $1)) }
    }
    probing = try Probing(recipe, on: corpus)
  }

  func music(heard: [String: Int]) -> ProbedMusic {
    ProbedMusic(
      folder: corpus.folder.relativePath, tasks: probing.tasks.map(\.task), pieces: probing.pieces,
      skipped: corpus.skipped, heard: heard)
  }

  func count(among files: [String]) -> Int { corpus.count(among: files) }

  var contents: [UInt64] { corpus.contents }

  var identity: Data {
    get throws {
      // Each result has its seeds.
      var recipe = recipe
      recipe.seeds = []
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try Data("\(RecipeFile.yaml(of: recipe))\(corpus.contents)".utf8)
        + encoder.encode(corpus.labels)
    }
  }

  func results(
    of model: ProbedModel, named name: String, seeds: [Int]?, watch: (String, Int, Int) -> Void
  ) throws -> [ProbeResult] {
    try probing.rows(of: subject(model, name), seeds: seeds) { watch(model.title(name), $0, $1) }
      .map(\.result)
  }

  func resultsOfStatistics(watch: (String, Int, Int) -> Void) throws -> [ProbeResult] {
    try probing.rowsOfStatistics { watch("hand-made statistics", $0, $1) }.map(\.result)
  }

  private func subject(_ model: ProbedModel, _ name: String) -> ProbeSubject {
    switch model {
    case .trained(let encoder):
      .pretrained(encoder, name: name, pooling: recipe.pooling)
    case .untrained(let start):
      .randomInitialisation(of: start, name: name, pooling: recipe.pooling)
    }
  }
}

extension CorpusProbes {
  /// How the probes are made, a sentence each.
  var method: [String] {
    [
      "Features are frozen. key: the mean of the hidden states over a piece; instrument of the "
        + "chords: over stretches of four seconds; pitch: over the frames of a melody note in the mixture; beat: over "
        + "70 ms around a beat or the middle between two.",
      "Hand-made statistics are means, and means with standard deviations, over the same stretches of 75 frames a "
        + "second at 24,000 Hz, whatever rate a model hears. log-mel: 80 bands. log-CQT: 168 bins, 24 an octave from "
        + "C1, log10(1 + 10⁴ a). chroma: their octaves added, 12 pitch classes, each frame with mean 0 and deviation "
        + "1. Of the models' hidden states there is \(recipe.pooling.inWords).",
      "A multinomial logistic regression for each layer; layer, pooling and penalty are chosen on the "
        + "validation part, the \(metricNames) is that on the test part.",
      "\(recipe.folds) folds by piece, every piece tested once. Each seed (\(Wording.list(recipe.seeds.map(String.init)))) deals "
        + "the pieces into folds anew and draws the weights of a random model.",
    ]
  }

  /// `accuracy`
  private var metricNames: String {
    Wording.list(recipe.tasks.map { recipe.task($0).metric.name }.uniqued(), "or")
  }
}

extension FrameFeatures.Pooling {
  fileprivate var inWords: String {
    switch self {
    case .mean: "the mean alone"
    case .meanAndDeviation: "the mean and the standard deviation"
    case .chosen: "the mean, or the mean and the standard deviation, as the validation part prefers"
    }
  }
}
