import Foundation
import Tensor

/// A model or a plain representation to be probed.
public struct ProbeSubject {
  /// The name in the table.
  public var model: String
  /// What makes the features. A random initialisation is made anew for each seed.
  public var kind: ProbeResult.Kind
  /// The features; of the given seed if the kind is a random initialisation.
  public var features: (_ seed: Int) throws -> FrameFeatures

  /// Stores all parts.
  public init(
    model: String, kind: ProbeResult.Kind, features: @escaping (_ seed: Int) throws -> FrameFeatures
  ) {
    (self.model, self.kind, self.features) = (model, kind, features)
  }
}

/// What a model reached on a task, with everything that led to it.
public struct ProbeRow: Codable, Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// What made the features.
  public var kind: ProbeResult.Kind
  /// The task's name.
  public var task: String
  /// How many classes the task has.
  public var classes: Int
  /// How many examples, of all parts.
  public var examples: Int
  /// How answers are scored.
  public var metric: Metric
  /// The score of always giving the same answer, the best one for the task.
  public var chance: Double
  /// What each seed found.
  public var outcomes: [ProbeOutcome]
  /// What the answers were worth; nil if the metric is no mean over examples.
  public var items: ItemScores?
  /// What was answered to each example; nil in older results.
  public var answers: ItemAnswers?

  /// The test score of each seed.
  public var scores: [Double] { outcomes.map(\.score) }

  /// The layer chosen most often, the lowest of equals.
  public var layer: Int { votes.chosen ?? 0 }

  private var votes: [LayerVotes] { [LayerVotes](outcomes.flatMap(\.choices).map(\.layer)) }

  /// The row as a report wants it.
  public var result: ProbeResult {
    ProbeResult(
      model: model, kind: kind, task: task, metric: metric, chance: chance, scores: scores,
      seeds: outcomes.map(\.seed), repeats: kind == .randomInitialisation ? .weights : .folds,
      layer: kind == .statistics ? nil : layer, votes: kind == .statistics ? nil : votes,
      items: items, answers: answers,
      layers: kind == .statistics ? nil : LayerScores.of(outcomes.map(\.layers)))
  }
}

/// Probes models on the tasks of one corpus.
public struct Probing {
  private let recipe: ProbeRecipe
  let tasks: [ProbeExamples]
  /// How many pieces are probed.
  public let pieces: Int
  /// The seeds of the recipe.
  var seeds: [Int] { recipe.seeds }
  private let name: (_ piece: Int) -> String
  private let samples: (_ piece: Int, _ sampleRate: Int) throws -> [Float]

  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - tasks: What is asked of the features.
  ///   - pieces: How many pieces the corpus has.
  ///   - name: What an error calls a piece.
  ///   - samples: The mono audio of a piece at a sample rate.
  /// - Throws: `ProbeError` if the recipe is wrong, a task has a class that its metric does not score, or a
  ///   task has nothing to tell apart in a round of any of the seeds' folds.
  public init(
    _ recipe: ProbeRecipe, tasks: [ProbeExamples], pieces: Int,
    name: @escaping (_ piece: Int) -> String = { "piece \($0)" },
    samples: @escaping (_ piece: Int, _ sampleRate: Int) throws -> [Float]
  ) throws {
    try recipe.check()
    for task in tasks {
      guard task.classNames.count > 1, pieces >= recipe.folds else {
        throw ProbeError.nothingToTell(task)
      }
      if let error = ProbeError.unscored(task) { throw error }
      for seed in recipe.seeds {
        let folds = ProbeFolds(pieces: pieces, count: recipe.folds, seed: UInt64(seed))
        guard folds.holdExamples(of: task) else { throw ProbeError.nothingToTell(task) }
      }
    }
    (self.recipe, self.tasks, self.pieces) = (recipe, tasks, pieces)
    (self.name, self.samples) = (name, samples)
  }

  /// The recipe's tasks on a corpus.
  public init(_ recipe: ProbeRecipe, on corpus: ProbeCorpus) throws {
    try recipe.check()
    let labels = Array(corpus.labels.prefix(recipe.maximumPieces))
    let tasks = recipe.tasks.map { task in
      recipe.task(task).examples(in: labels, maximum: recipe.maximumExamples)
    }
    try self.init(
      recipe, tasks: tasks, pieces: labels.count, name: { corpus.file(of: $0).path },
      samples: { try corpus.samples(of: $0, sampleRate: $1) })
  }

  /// One row for each task.
  ///
  /// - Parameters:
  ///   - subject: What is probed.
  ///   - seeds: Of the folds, and of a random model's weights; the recipe's unless given.
  ///   - progress: Called with how many pieces were embedded and how many there are.
  /// - Throws: `ProbeError.notFinite`, or what making the features throws.
  public func rows(
    of subject: ProbeSubject, seeds: [Int]? = nil,
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> [ProbeRow] {
    var tested = [[Tested]](repeating: [], count: tasks.count)
    var pooled: [[Probe.Layer]] = []
    for seed in seeds ?? recipe.seeds {
      if pooled.isEmpty || subject.kind == .randomInitialisation {
        let features = try subject.features(seed)
        pooled = try pooledFeatures(features, of: subject.model, progress)
          .map(features.pooling.choices)
      }
      for (i, task) in tasks.enumerated() {
        tested[i].append(
          try Probe(recipe).tested(on: task, layers: pooled[i], pieces: pieces, seed: seed))
      }
    }
    return zip(tasks, tested).map { ProbeRow(subject.model, subject.kind, $0, $1) }
  }

  /// One row for each of `HandMadeStatistics.all` and each task. The pieces are read and transformed once.
  ///
  /// - Parameter progress: Called with how many pieces were read and how many there are.
  /// - Throws: `ProbeError.notFinite`, or what reading the pieces throws.
  public func rowsOfStatistics(
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> [ProbeRow] {
    let spectra = try pooledFeatures(.handMade(), of: "hand-made statistics", progress)
    var rows: [ProbeRow] = []
    for statistics in HandMadeStatistics.all {
      for (task, spectra) in zip(tasks, spectra) {
        let columns = Probe.Layer(
          number: 0, features: statistics.columns(of: spectra[statistics.spectrum.rawValue]))
        let tested = try recipe.seeds.map { seed in
          try Probe(recipe).tested(on: task, layers: [columns], pieces: pieces, seed: seed)
        }
        rows.append(ProbeRow(statistics.name, .statistics, task, tested))
      }
    }
    return rows
  }

  private func pooledFeatures(
    _ features: FrameFeatures, of model: String, _ progress: (Int, Int) -> Void
  ) throws -> [[Tensor]] {
    do {
      return try features.pooled(
        for: tasks, samples: { try samples($0, features.sampleRate) }, progress: progress)
    } catch let error as NotFinite {
      throw ProbeError.notFinite(
        model: model, file: name(error.piece), layer: error.layer)
    }
  }
}

/// What a seed's probe reached, and its answer to each example.
private typealias Tested = (outcome: ProbeOutcome, answers: [Int32])

extension ProbeRow {
  fileprivate init(
    _ model: String, _ kind: ProbeResult.Kind, _ task: ProbeExamples, _ tested: [Tested]
  ) {
    self.init(
      model: model, kind: kind, task: task.task, classes: task.classNames.count,
      examples: task.examples.count, metric: task.metric, chance: task.chance,
      outcomes: tested.map(\.outcome),
      items: ItemScores(pieces: task.examples.map(\.piece), tested.map { task.worths($0.answers) }),
      answers: ItemAnswers(
        tested.map(\.answers), to: task.classes, among: task.classNames))
  }
}
