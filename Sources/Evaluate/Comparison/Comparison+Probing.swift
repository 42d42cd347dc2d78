import Audio
import Foundation
import MelModels
import Models
import Train

extension Comparison {
  /// Probes all models.
  ///
  /// Contenders with the same encoder, and the same statistics of its input, have the same random initialisations,
  /// which are probed once. A contender whose trainings were all stopped has no rows of its own.
  func probe(by probes: any ComparisonProbes, _ stops: [String: Stop]) throws -> [ProbeResult] {
    var rows: [ProbeResult] = []
    var initialisations: [(start: RandomStart, rows: [ProbeResult])] = []
    for (contender, name) in zip(contenders, names) {
      rows += try trainedRows(of: contender, named: name, by: probes, stops)
      guard let start = try randomStart(of: contender) else { continue }
      let known = initialisations.first { $0.start == start }?.rows
      let random = try known ?? results(of: .untrained(start), named: name, by: probes)
      if known == nil { initialisations.append((start, random)) }
      rows += random.map { $0.renamed(name) }
    }
    return rows + (try probes.resultsOfStatistics { watch(.probing($0, $1, of: $2)) })
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
    of contender: Contender, named name: String, after step: Int? = nil,
    by probes: any ComparisonProbes,
    _ stops: [String: Stop]
  ) throws -> [ProbeResult] {
    if case .model(_, let encoder) = contender {
      return try results(of: encoder, named: name, by: probes)
    }
    let trainings = trainings(of: contender)
    let trained = trainings.filter { stops[$0.recipe.name] == nil }
    if case .recipe = contender, !seeds.isEmpty {
      let parts = try trained.map { training in
        try results(
          of: training.encoder(after: step), named: training.recipe.name,
          seeds: [training.recipe.seed],
          by: probes)
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
          seeds: [number + 1], by: probes)
      }
      return (parts.first?.indices ?? 0..<0).map { task in
        ProbeResult(name, ofTrainings: parts.map { $0[task] })
      }
    }
    return try trained.flatMap {
      try results(of: $0.encoder(after: step), named: name, by: probes)
    }
  }

  private func results(
    of encoder: any Encoder, named name: String, seeds: [Int]? = nil,
    by probes: any ComparisonProbes
  ) throws -> [ProbeResult] {
    try results(of: .trained(encoder), named: name, seeds: seeds, by: probes)
  }

  private func results(
    of model: ProbedModel, named name: String, seeds: [Int]? = nil, by probes: any ComparisonProbes
  ) throws -> [ProbeResult] {
    try probes.results(of: model, named: name, seeds: seeds) { watch(.probing($0, $1, of: $2)) }
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
