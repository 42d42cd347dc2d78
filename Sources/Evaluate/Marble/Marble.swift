import Foundation
import Tensor

/// Scores models on tasks of MARBLE: reads the data sets, embeds their audio, trains and scores the probes.
///
/// Everything is read before anything is embedded. A task whose data are missing is left out and named. Where no probe of a
/// model has a score on a task, the other scores are there all the same.
public struct Marble {
  /// An event of a run.
  public enum Event {
    /// A task's data are read.
    case data(String, LabelledDataset)
    /// A task is left out.
    case missing(String, reason: String)
    /// Clips embedded for a task, by a model: how many, of how many.
    case embedding(String, model: String, Int, of: Int)
    /// An epoch of a fine-tuning, and the score on the validation part after it.
    case epoch(String, model: String, Int, score: Double)
    /// Probes trained for a task: how many, of how many.
    case probing(String, model: String, Int, of: Int)
    /// A model has no score on a task; the others go on.
    case failed(String, model: String, reason: String)
    /// A score is there.
    case score(MarbleOutcome)
  }

  private let tasks: [MarbleTask]
  private let embedders: [Embedder]
  private let root: URL
  private let setting: MarbleSetting
  private let grid: ProbeGrid
  private let store: EmbeddingStore
  private let kept: URL?
  private let watch: (Event) -> Void

  /// - Parameters:
  ///   - tasks: What is scored.
  ///   - embedders: The models.
  ///   - root: The folder that holds the data sets.
  ///   - setting: How scores are reached.
  ///   - grid: What the validation parts choose from.
  ///   - store: Keeps the vectors.
  ///   - kept: A folder for fine-tuned models; nil if they are not kept.
  ///   - watch: Called with each event.
  /// - Traps when: two embedders have one name.
  public init(
    _ tasks: [MarbleTask], of embedders: [Embedder], root: URL,
    setting: MarbleSetting = MarbleSetting(), grid: ProbeGrid = ProbeGrid(), store: EmbeddingStore,
    keepingModelsIn kept: URL? = nil, watch: @escaping (Event) -> Void = { _ in }
  ) {
    precondition(
      Set(embedders.map(\.name)).count == embedders.count,
      "Marble: two models have one name among \(embedders.map(\.name))")
    (self.tasks, self.embedders, self.root) = (tasks, embedders, root)
    (self.setting, self.grid, self.store, self.watch) = (setting, grid, store, watch)
    self.kept = kept
  }

  /// - Throws: `MarbleError.layer` if a model lacks a layer of the grid; `.handMade` if there is nothing to fine-tune;
  ///   `.noTask` if none can be scored; `DatasetError` if data are there and broken; what embedding, probing and
  ///   fine-tuning throw.
  public func run() throws -> MarbleResults {
    for embedder in embedders {
      try grid.check(layers: embedder.layers, for: setting)
      if setting.fineTuning != nil, embedder.encoder == nil {
        throw MarbleError.handMade(embedder.name)
      }
    }
    let opened = try OpenedTasks(tasks, below: root, setting)
    for (task, dataset) in opened.present { watch(.data(task.name, dataset)) }
    for task in opened.missing { watch(.missing(task.item, reason: task.reason)) }
    var (outcomes, failed): ([MarbleOutcome], [Omission]) = ([], [])
    for embedder in embedders {
      for (task, dataset) in opened.present {
        do {
          let outcome = try score(embedder, on: task, dataset)
          watch(.score(outcome))
          outcomes.append(outcome)
        } catch let error as MarbleError {
          watch(.failed(task.name, model: embedder.name, reason: error.description))
          failed.append(Omission("\(task.name), \(embedder.name)", error.description))
        }
      }
    }
    return MarbleResults(
      setting: setting, models: embedders.map(\.name), tasks: opened.present.map(\.task),
      outcomes: outcomes, missing: opened.missing, failed: failed)
  }

  private func score(
    _ embedder: Embedder, on task: MarbleTask, _ dataset: LabelledDataset
  ) throws -> MarbleOutcome {
    try task.method.outcome(
      of: ProbingJob(
        task: task, dataset: dataset, embedder: embedder, setting: setting, grid: grid,
        store: store, kept: kept, watch: watch))
  }
}
