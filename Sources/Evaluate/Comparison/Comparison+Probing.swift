import Audio
import Foundation
import Models
import Train

extension Comparison {
  /// Probes all models on a corpus, and says how.
  ///
  /// Recipes with the same encoder have the same random initialisations, which are probed once.
  func probe(
    _ recipes: [Recipe], on corpus: URL, by probes: ProbeRecipe
  ) throws -> (rows: [ProbeResult], method: [String]) {
    let labels = corpus.appendingPathComponent(CorpusLabels.fileName)
    guard FileManager.default.fileExists(atPath: labels.path) else {
      return (
        [], ["Not probed: the data has no \(CorpusLabels.fileName), as the built-in corpus has."]
      )
    }
    let corpus = try ProbeCorpus(corpus)
    let probing = try Probing(probes, on: corpus)
    var rows: [ProbeResult] = []
    var initialisations: [(encoder: AudioEncoder.Config, rows: [ProbeResult])] = []
    for recipe in recipes {
      rows += try trainedRows(recipe, on: corpus, by: probes)
      let known = initialisations.first { $0.encoder == recipe.encoder }?.rows
      let random =
        try known
        ?? results(
          of: .randomInitialisation(of: recipe.encoder, name: recipe.name, pooling: probes.pooling),
          probing)
      if known == nil { initialisations.append((recipe.encoder, random)) }
      rows += random.map { $0.renamed(recipe.name) }
    }
    rows += try results(of: .logMelStatistics(), probing)
    return (rows, probes.method + trainingMethod)
  }

  /// The rows of a recipe's runs: one run probed with each of the probes' seeds, or each run with its own.
  private func trainedRows(
    _ recipe: Recipe, on corpus: ProbeCorpus, by probes: ProbeRecipe
  ) throws -> [ProbeResult] {
    let parts = try runs(of: recipe).map { run in
      var probes = probes
      if !seeds.isEmpty { probes.seeds = [run.seed] }
      let subject = ProbeSubject.pretrained(
        try trainedEncoder(run), name: run.name, pooling: probes.pooling)
      return try results(of: subject, Probing(probes, on: corpus))
    }
    return parts[0].indices.map { task in
      ProbeResult(recipe.name, of: parts.map { $0[task] })
    }
  }

  private var trainingMethod: [String] {
    seeds.isEmpty
      ? [
        "Each model was trained once: the intervals show the spread of the probes, not of the training."
      ]
      : [
        "Each recipe was trained with \(seeds.count) seeds, each run probed with folds of its own seed: the "
          + "intervals show the spread of training and probes together. Curves are those of the first seed."
      ]
  }

  private func results(of subject: ProbeSubject, _ probing: Probing) throws -> [ProbeResult] {
    let title = subject.kind == .randomInitialisation ? "\(subject.model), random" : subject.model
    return try probing.rows(of: subject) { watch(.probing(title, $0, of: $1)) }.map(\.result)
  }

  private func trainedEncoder(_ recipe: Recipe) throws -> AudioEncoder {
    guard let checkpoint = runFolder(recipe).latestCheckpoint else {
      throw RunError.nothingToResume(runFolder(recipe).path)
    }
    return try AudioEncoder.load(checkpoint)
  }
}

extension ProbeResult {
  /// The results of a recipe's runs on one task together.
  fileprivate init(_ model: String, of runs: [ProbeResult]) {
    self = runs[0]
    self.model = model
    accuracies = runs.flatMap(\.accuracies)
  }

  fileprivate func renamed(_ model: String) -> ProbeResult {
    var copy = self
    copy.model = model
    return copy
  }
}

extension ProbeRecipe {
  /// How the probes are made, a sentence each.
  fileprivate var method: [String] {
    [
      "Features are frozen. key: the mean of the hidden states over a piece; instrument of the "
        + "chords: over stretches of four seconds; pitch: over the frames of a melody note in the mixture; beat: over "
        + "70 ms around a beat or the middle between two.",
      "A multinomial logistic regression for each layer; layer and penalty are chosen on the "
        + "validation part, the accuracy is that on the test part.",
      "\(folds) folds by piece, every piece tested once; \(seeds.count) seeds, each with its own "
        + "folds and, for the random models, its own initial weights.",
    ]
  }
}
