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
    let probing = try Probing(probes, on: ProbeCorpus(corpus))
    var rows: [ProbeResult] = []
    var initialisations: [(encoder: AudioEncoder.Config, rows: [ProbeResult])] = []
    for recipe in recipes {
      let encoder = try trainedEncoder(recipe)
      rows += try results(
        of: .pretrained(encoder, name: recipe.name, pooling: probes.pooling), probing)
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
    return (rows, probes.method)
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
        + "chords: over stretches of four seconds; pitch: over the frames of a melody note in the mixture.",
      "A multinomial logistic regression for each layer; layer and penalty are chosen on the "
        + "validation part, the accuracy is that on the test part.",
      "\(folds) folds by piece, every piece tested once; \(seeds.count) seeds, each with its own "
        + "folds and, for the random models, its own initial weights. Each model was trained once: "
        + "the intervals show the spread of the probes, not of the training.",
    ]
  }
}
