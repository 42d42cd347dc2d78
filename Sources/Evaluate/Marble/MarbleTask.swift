import Foundation
import Tensor

/// A task of MARBLE: a data set, and how probes are trained and scored on it.
///
/// A new task is a file in `Marble/Tasks` and its name in `all`. Source of every number: the code of MARBLE's first
/// version (Yuan et al. 2023, *MARBLE: Music Audio Representation Benchmark for Universal Evaluation*), whose
/// published scores these are comparable with.
public struct MarbleTask: Sendable {
  /// The name on the command line and in JSON: `GS`.
  public let name: String
  /// What is predicted, in a few words.
  public let title: String
  /// The data set.
  public let card: DatasetCard
  /// How probes are trained and scored.
  public let method: any ProbingMethod
  /// Reads the data set below a root.
  public let read: @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset

  /// - Parameters:
  ///   - name: The name on the command line and in JSON.
  ///   - title: What is predicted.
  ///   - card: The data set.
  ///   - method: How probes are trained and scored.
  ///   - read: Reads the data set.
  public init(
    _ name: String, title: String, on card: DatasetCard, by method: some ProbingMethod,
    read: @escaping @Sendable (_ root: URL) throws(DatasetError) -> LabelledDataset
  ) {
    (self.name, self.title, self.card, self.method, self.read) = (name, title, card, method, read)
  }

  /// The tasks, in the order of MARBLE's tables.
  public static let all: [MarbleTask] =
    [.tagging, .key, .genre, .beats, .emotion, .instrument, .pitch, .technique, .singer]
    + MTGJamendo.Category.allCases.map { .jamendo($0) } + [.separation]

  /// The task of a name; nil if there is none.
  public init?(named name: String) {
    guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }
}

/// How the probes of a task are trained and scored.
public protocol ProbingMethod: Sendable {
  /// What is reported.
  var metrics: [TaskMetric] { get }
  /// What the validation part chooses by.
  var monitor: TaskMetric { get }
  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  func outcome(of job: ProbingJob) throws -> MarbleOutcome
}

/// A model and a task's data.
public struct ProbingJob {
  /// The task.
  public let task: MarbleTask
  /// Its data.
  public let dataset: LabelledDataset
  /// The model.
  public let embedder: Embedder
  /// What the validation part chooses from.
  public let grid: ProbeGrid
  /// Keeps the vectors.
  public let store: EmbeddingStore
  let watch: (Marble.Event) -> Void
}

extension ProbingJob {
  /// The vectors of the items.
  func embeddings(_ cut: EmbeddingCut) throws -> Embeddings {
    let clips = dataset.items.map { AudioClip(path: $0.path, time: $0.time) }
    return try withoutActuallyEscaping(watch) { watch in
      try store.embeddings(of: clips, named: task.card.name, by: embedder, cut) {
        watch(.embedding(task.name, model: embedder.name, $0, of: $1))
      }
    }
  }

  /// The best of the probes of the grid, by their score on the validation part; of equal ones the first.
  /// - Throws: `MarbleError.diverged` if none has a score.
  func best(
    layers count: Int, _ train: (LayerChoice, Float) throws -> PerceptronTraining.Outcome
  ) throws -> (choice: (layer: LayerChoice, rate: Float), outcome: PerceptronTraining.Outcome) {
    let choices = try grid.choices(layers: count)
    let outcomes = try withoutActuallyEscaping(watch) { watch in
      try Cores.map(
        choices.count, progress: { watch(.probing(task.name, model: embedder.name, $0, of: $1)) },
        { try train(choices[$0].layer, choices[$0].rate) })
    }
    let scored = outcomes.indices.filter { outcomes[$0].score.isFinite }
    guard let best = scored.max(by: { (outcomes[$0].score, -$0) < (outcomes[$1].score, -$1) })
    else { throw MarbleError.diverged(task: task.name, model: embedder.name) }
    return (choices[best], outcomes[best])
  }

  /// The outcome of a probe.
  func outcome(
    _ values: [MarbleOutcome.Value], _ choice: MarbleOutcome.Choice, counts: [Split: Int],
    _ embeddings: Embeddings
  ) -> MarbleOutcome {
    let unusable = embeddings.leftOut.sorted { $0.key < $1.key }.map { number, reason in
      Omission(dataset.items[number].name, reason)
    }
    return MarbleOutcome(
      model: embedder.name, task: task.name, values: values, choice: choice, counts: counts,
      leftOut: dataset.leftOut + unusable, remarks: dataset.remarks)
  }
}
