import Foundation
import Tensor

/// How the probes of a task are trained and scored.
public protocol ProbingMethod: Sendable {
  /// What is reported.
  var metrics: [TaskMetric] { get }
  /// What the validation part chooses by.
  var monitor: TaskMetric { get }
  /// What is embedded of each clip before probes are trained; nil if a model is heard otherwise.
  var cut: EmbeddingCut? { get }
  /// Whether probes have one choice of layers unless others are given.
  var fixesLayers: Bool { get }
  /// Why a setting cannot do this task; nil if it can.
  func refusal(of setting: MarbleSetting, on dataset: LabelledDataset) -> String?
  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  func outcome(of job: ProbingJob) throws -> MarbleOutcome
}

extension ProbingMethod {
  /// The validation part chooses.
  public var fixesLayers: Bool { false }
}

/// A model and a task's data.
public struct ProbingJob {
  /// The task.
  public let task: MarbleTask
  /// Its data.
  public let dataset: LabelledDataset
  /// The model.
  public let embedder: Embedder
  /// How the score is reached.
  public let setting: MarbleSetting
  /// What the validation part chooses from.
  public let grid: ProbeGrid
  /// Keeps the vectors.
  public let store: EmbeddingStore
  /// Where fine-tuned models are kept; nil if they are not.
  let kept: URL?
  /// Where it is kept how far long trainings have come; nil if it is not.
  var trainings: URL?
  /// Seconds within an epoch after which it is kept again.
  var keptEvery = 600.0
  let watch: (Marble.Event) -> Void
}

extension ProbingJob {
  /// Where it is kept how far the training of a choice of the grid has come, by its number.
  func trainingFile(_ choice: Int) -> TrainingFile? {
    trainings.map {
      TrainingFile(
        url: $0.appendingPathComponent("choice-\(choice).safetensors"), seconds: keptEvery)
    }
  }

  /// The vectors of the items.
  func embeddings(_ cut: EmbeddingCut) throws -> Embeddings {
    let clips = dataset.items.map { AudioClip(path: $0.path, time: $0.time) }
    return try withoutActuallyEscaping(watch) { watch in
      try store.embeddings(
        of: clips, named: task.card.name, by: embedder, cut,
        progress: { watch(.embedding(task.name, model: embedder.name, $0, of: $1)) },
        waiting: { watch(.waiting(task.name, model: embedder.name, holder: $0)) })
    }
  }

  /// The best of the probes of the grid, by their score on the validation part; of equal ones the first.
  /// - Throws: `MarbleError.diverged` if none has a score.
  func best(
    layers count: Int, _ fixed: FixedTraining? = nil,
    _ train: (LayerChoice, Float) throws -> BestEpoch<Perceptron>
  ) throws -> (probe: Perceptron, choice: MarbleOutcome.Choice) {
    let choices = try grid.choices(layers: count, fixed)
    let outcomes = try withoutActuallyEscaping(watch) { watch in
      try Cores.map(
        choices.count, progress: { watch(.probing(task.name, model: embedder.name, $0, of: $1)) },
        { try train(choices[$0].layer, choices[$0].rate) })
    }
    let scored = outcomes.indices.filter { outcomes[$0].score.isFinite }
    guard let best = scored.max(by: { (outcomes[$0].score, -$0) < (outcomes[$1].score, -$1) }),
      let probe = outcomes[best].weights
    else { throw MarbleError.diverged(task: task.name, model: embedder.name) }
    let choice = MarbleOutcome.Choice(
      layer: choices[best].layer, rate: choices[best].rate, epoch: outcomes[best].number,
      score: outcomes[best].score)
    return (probe, choice)
  }

  /// The outcome of a probe.
  func outcome(
    _ values: [MarbleOutcome.Value], _ choice: MarbleOutcome.Choice, counts: [Split: Int],
    leftOut: [Int: String], remarks: [String] = []
  ) -> MarbleOutcome {
    MarbleOutcome(
      model: embedder.name, task: task.name, values: values, choice: choice, counts: counts,
      leftOut: dataset.leftOut + omissions(leftOut), remarks: dataset.remarks + remarks)
  }

  /// The error of a part without an item that can be used.
  /// - Parameter leftOut: Why items cannot be used, by their numbers.
  func emptyPart(_ split: Split, leftOut: [Int: String]) -> MarbleError {
    let own = leftOut.filter { dataset.items[$0.key].split == split }
    return .emptyPart(split, task: task.name, omissions(own))
  }

  private func omissions(_ leftOut: [Int: String]) -> [Omission] {
    leftOut.sorted { $0.key < $1.key }.map { Omission(dataset.items[$0.key].name, $0.value) }
  }
}
