import Audio
import Cluster
import Foundation
import MelModels
import Models
import Train

extension Comparison {
  /// What one rank probes by itself.
  enum Probed: Hashable {
    /// A contender's model, or one of its trainings, after a step; the last if nil.
    case model(contender: Int, training: Int?, step: Int?)
    /// A contender's model before its first step.
    case untrained(contender: Int)
    /// Features that no model made.
    case statistics
  }

  /// Probes all models, and after earlier steps those of which that is asked. Ranks share the probings.
  ///
  /// Contenders with the same encoder, and the same statistics of its input, have the same random initialisations,
  /// which are probed once. A contender whose trainings were all stopped has no rows of its own.
  ///
  /// - Parameters:
  ///   - probes: The tasks and pieces.
  ///   - stops: Why trainings were stopped.
  func probe(
    by probes: any ComparisonProbes, _ stops: Stops
  ) throws -> (rows: [ProbeResult], courses: [ProbeCourse]) {
    let (starts, steps) = try ranks.agree { (try sharedStarts(), try courseSteps(stops)) }
    let asked = asked(starts, steps, stops)
    let shelf = try ranks.agree {
      try ProbeShelf(folder.appendingPathComponent("probes"), of: probes)
    }
    // A probing leaves nothing to save, so a signal ends it at once.
    let found = try SharedJobs(in: folder, among: ranks, stop: StopRequest()).run(
      asked.map { "probe \(title(of: $0))" }, work: { weight(of: asked[$0]) }
    ) { number in
      let rows = try results(of: asked[number], by: probes, keptOn: shelf)
      watch(.ended(title(of: asked[number])))
      return rows
    }
    let table = Dictionary(uniqueKeysWithValues: zip(asked, found))
    var rows: [ProbeResult] = []
    for (number, name) in names.enumerated() {
      rows += joinedRows(of: number, stops, in: table)
      guard let start = starts[number] else { continue }
      rows += table[.untrained(contender: start)]!.map { $0.renamed(name) }
    }
    rows += table[.statistics]!
    return (rows, try courses(steps, stops, beside: rows, in: table))
  }

  /// All that is probed, each once.
  private func asked(
    _ starts: [Int?], _ steps: [[CourseStep]], _ stops: Stops
  ) -> [Probed] {
    var asked: [Probed] = []
    for number in contenders.indices {
      asked += models(of: number, stops)
      if starts[number] == number { asked.append(.untrained(contender: number)) }
    }
    asked.append(.statistics)
    for (number, steps) in steps.enumerated() {
      for step in steps where !step.isLast { asked += models(of: number, after: step.step, stops) }
    }
    return asked
  }

  /// For each contender the first that has the same random initialisations; nil if it has none.
  private func sharedStarts() throws -> [Int?] {
    let starts = try contenders.map(randomStart)
    return starts.map { start in start.flatMap { start in starts.firstIndex { $0 == start } } }
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

  /// What is probed of a contender: a model, or the trainings that were not stopped.
  private func models(
    of contender: Int, after step: Int? = nil, _ stops: Stops
  ) -> [Probed] {
    if case .model = contenders[contender] {
      return [.model(contender: contender, training: nil, step: nil)]
    }
    return trainings(of: contenders[contender]).enumerated()
      .filter { stops[$0.element.folder.path] == nil }
      .map { .model(contender: contender, training: $0.offset, step: step) }
  }

  /// The rows of a contender: one model probed with all seeds, or each of several trainings with its own.
  func joinedRows(
    of contender: Int, after step: Int? = nil, _ stops: Stops,
    in results: [Probed: [ProbeResult]]
  ) -> [ProbeResult] {
    let parts = models(of: contender, after: step, stops).map { results[$0]! }
    guard hasTrainingsOfSeeds(contender) else { return parts.flatMap(\.self) }
    return (parts.first?.indices ?? 0..<0).map { task in
      ProbeResult(names[contender], joining: parts.map { $0[task] })
    }
  }

  /// Whether a row of a contender is that of several trainings.
  private func hasTrainingsOfSeeds(_ contender: Int) -> Bool {
    switch contenders[contender] {
    case .recipe: seeds.count > 1
    case .runs(_, let runs): runs.count > 1
    case .run, .model: false
    }
  }
}

// MARK: - One of them

extension Comparison {
  private func results(
    of probed: Probed, by probes: any ComparisonProbes, keptOn shelf: ProbeShelf
  ) throws -> [ProbeResult] {
    let step = step(of: probed).map { ", step \($0)" } ?? ""
    let progress = { watch(.probing($0 + step, $1, of: $2)) }
    guard let model = try model(of: probed) else {
      return try shelf.results(of: "statistics", self.probes.seeds) {
        try probes.resultsOfStatistics(watch: progress)
      }
    }
    let (name, seeds) = (name(of: probed), seeds(of: probed))
    let parts = try model.models(seeds).map { seeds in
      try shelf.results(of: model.identity(seeds), seeds) {
        // Others may have the same model under another name.
        try probes.results(of: model, named: name, seeds: seeds, watch: progress).map {
          $0.renamed("")
        }
      }
    }
    if parts.count == 1 { return parts[0].map { $0.renamed(name) } }
    return parts[0].indices.map { task in ProbeResult(name, joining: parts.map { $0[task] }) }
  }

  /// Nil of statistics.
  private func model(of probed: Probed) throws -> ProbedModel? {
    switch probed {
    case .statistics: nil
    // It is asked for only where there is one.
    case .untrained(let number): .untrained(try randomStart(of: contenders[number])!)
    case .model(let number, let training, let step):
      .trained(try encoder(of: contenders[number], training, after: step))
    }
  }

  private func encoder(
    of contender: Contender, _ training: Int?, after step: Int?
  ) throws -> any Encoder {
    if case .model(_, let encoder) = contender { return encoder }
    return try trainings(of: contender)[training!].encoder(after: step)
  }

  /// The training, where it is one of several of a row.
  private func training(of probed: Probed) -> TrainingRun? {
    guard case .model(let contender, let training?, _) = probed, hasTrainingsOfSeeds(contender)
    else { return nil }
    return trainings(of: contenders[contender])[training]
  }

  private func name(of probed: Probed) -> String {
    if let training = training(of: probed) { return training.name }
    switch probed {
    case .model(let contender, _, _), .untrained(let contender): return names[contender]
    case .statistics: return "hand-made statistics"
    }
  }

  /// That of the training, where a row has several; else those of the probes.
  private func seeds(of probed: Probed) -> [Int] {
    training(of: probed).map { [$0.recipe.seed] } ?? probes.seeds
  }

  /// That of a checkpoint which is not a run's last.
  private func step(of probed: Probed) -> Int? {
    if case .model(_, _, let step) = probed { step } else { nil }
  }

  private func title(of probed: Probed) -> String {
    if case .untrained = probed { return "\(name(of: probed)), random" }
    return name(of: probed) + (step(of: probed).map { ", step \($0)" } ?? "")
  }

  /// About what a probing takes: a random initialisation is another model for each seed.
  private func weight(of probed: Probed) -> Double {
    guard case .untrained = probed else { return 1 }
    return Double(self.probes.seeds.count)
  }
}

extension ProbeResult {
  /// The results of several trainings or initialisations on one task together.
  fileprivate init(_ model: String, joining parts: [ProbeResult]) {
    self = parts[0]
    self.model = model
    (scores, seeds) = (parts.flatMap(\.scores), parts.flatMap(\.seeds))
    items = ItemScores(parts.compactMap(\.items))
    answers = ItemAnswers(parts.map(\.answers))
    layers = LayerScores.joined(parts.map(\.layers))
    votes = [LayerVotes].joined(parts.map(\.votes))
    layer = votes?.chosen
    repeats = .weights
  }

  fileprivate func renamed(_ model: String) -> ProbeResult {
    var copy = self
    copy.model = model
    return copy
  }
}
