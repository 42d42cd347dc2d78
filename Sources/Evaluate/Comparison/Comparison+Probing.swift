import Audio
import Foundation
import MelModels
import Models
import Train

extension Comparison {
  /// The labelled music to probe on, rendered if it is the built-in one and not there.
  func openCorpus() throws -> ProbeCorpus {
    let corpus =
      switch probeData {
      case .folder(let path): URL(fileURLWithPath: path)
      case .builtIn(let pieces):
        try pieces.rendered(below: folder) { watch(.rendering($0, of: $1)) }
      }
    return try ProbeCorpus(corpus) { watch(.checking($0, of: $1)) }
  }

  /// Probes all models.
  ///
  /// Contenders with the same encoder, and the same statistics of its input, have the same random initialisations,
  /// which are probed once. A contender whose trainings were all stopped has no rows of its own.
  func probe(by probing: Probing, _ stops: [String: Stop]) throws -> [ProbeResult] {
    var rows: [ProbeResult] = []
    var initialisations: [(start: RandomStart, rows: [ProbeResult])] = []
    for (contender, name) in zip(contenders, names) {
      rows += try trainedRows(of: contender, named: name, by: probing, stops)
      guard let start = try randomStart(of: contender) else { continue }
      let known = initialisations.first { $0.start == start }?.rows
      let random =
        try known
        ?? results(
          of: .randomInitialisation(of: start, name: name, pooling: probes.pooling), by: probing)
      if known == nil { initialisations.append((start, random)) }
      rows += random.map { $0.renamed(name) }
    }
    return rows + (try resultsOfStatistics(by: probing))
  }

  private func resultsOfStatistics(by probing: Probing) throws -> [ProbeResult] {
    try probing.rowsOfStatistics { watch(.probing("hand-made statistics", $0, of: $1)) }
      .map(\.result)
  }

  /// What a contender's models are before their first step, with the statistics of the first of them that left a
  /// checkpoint: those of other seeds are measured on other crops of the same collection. Nil if the encoder needs
  /// statistics and no checkpoint has them.
  private func randomStart(of contender: Contender) throws -> RandomStart? {
    if case .model(_, let encoder) = contender { return RandomStart(of: encoder) }
    guard contender.encoder is MelEncoder.Config else { return RandomStart(of: contender.encoder) }
    let trained = try trainings(of: contender).first { try $0.folder.latestCheckpoint != nil }
    return try trained.map { RandomStart(of: try $0.encoder()) }
  }

  /// The rows of a contender: one model probed with all seeds, or each of several with its own.
  /// - Parameter step: That of the checkpoints of its trainings; the latest if nil.
  func trainedRows(
    of contender: Contender, named name: String, after step: Int? = nil, by probing: Probing,
    _ stops: [String: Stop]
  ) throws -> [ProbeResult] {
    if case .model(_, let encoder) = contender {
      return try results(of: encoder, named: name, by: probing)
    }
    let trainings = trainings(of: contender)
    let trained = trainings.filter { stops[$0.recipe.name] == nil }
    if case .recipe = contender, !seeds.isEmpty {
      let parts = try trained.map { training in
        try results(
          of: training.encoder(after: step), named: training.recipe.name,
          seeds: [training.recipe.seed],
          by: probing)
      }
      return (parts.first?.indices ?? 0..<0).map { task in
        ProbeResult(name, ofTrainings: parts.map { $0[task] })
      }
    }
    if case .runs = contender {
      // Their own seeds are those of trainings; the folds are dealt alike for every contender.
      let parts = try trained.enumerated().map { number, training in
        try results(
          of: training.encoder(after: step), named: training.folder.lastPathComponent,
          seeds: [number + 1], by: probing)
      }
      return (parts.first?.indices ?? 0..<0).map { task in
        ProbeResult(name, ofTrainings: parts.map { $0[task] })
      }
    }
    return try trained.flatMap {
      try results(of: $0.encoder(after: step), named: name, by: probing)
    }
  }

  private func results(
    of encoder: any Encoder, named name: String, seeds: [Int]? = nil, by probing: Probing
  ) throws -> [ProbeResult] {
    let subject = ProbeSubject.pretrained(encoder, name: name, pooling: probes.pooling)
    return try results(of: subject, seeds: seeds, by: probing)
  }

  private func results(
    of subject: ProbeSubject, seeds: [Int]? = nil, by probing: Probing
  ) throws -> [ProbeResult] {
    let title = subject.kind == .randomInitialisation ? "\(subject.model), random" : subject.model
    return try probing.rows(of: subject, seeds: seeds) { watch(.probing(title, $0, of: $1)) }
      .map(\.result)
  }
}

extension ProbeResult {
  /// The results of several trainings of a recipe on one task together.
  fileprivate init(_ model: String, ofTrainings parts: [ProbeResult]) {
    self = parts[0]
    self.model = model
    (scores, seeds) = (parts.flatMap(\.scores), parts.flatMap(\.seeds))
    items = ItemScores(parts.compactMap(\.items))
    answers = ItemAnswers(parts.map(\.answers))
    layers = LayerScores.joined(parts.map(\.layers))
    repeats = .weights
  }

  fileprivate func renamed(_ model: String) -> ProbeResult {
    var copy = self
    copy.model = model
    return copy
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

extension ProbeRecipe {
  /// `accuracy`
  private var metricNames: String {
    Wording.list(tasks.map { task($0).metric.name }.uniqued(), "or")
  }

  /// How the probes are made, a sentence each.
  var method: [String] {
    [
      "Features are frozen. key: the mean of the hidden states over a piece; instrument of the "
        + "chords: over stretches of four seconds; pitch: over the frames of a melody note in the mixture; beat: over "
        + "70 ms around a beat or the middle between two.",
      "Hand-made statistics are means, and means with standard deviations, over the same stretches of 75 frames a "
        + "second at 24,000 Hz, whatever rate a model hears. log-mel: 80 bands. log-CQT: 168 bins, 24 an octave from "
        + "C1, log10(1 + 10⁴ a). chroma: their octaves added, 12 pitch classes, each frame with mean 0 and deviation "
        + "1. Of the models' hidden states there is \(pooling.inWords).",
      "A multinomial logistic regression for each layer; layer, pooling and penalty are chosen on the "
        + "validation part, the \(metricNames) is that on the test part.",
      "\(folds) folds by piece, every piece tested once. Each seed (\(Wording.list(seeds.map(String.init)))) deals "
        + "the pieces into folds anew and draws the weights of a random model.",
    ]
  }
}
