import Audio
import Cluster
import Files
import Foundation
import Tensor
import Train

/// Scores models on tasks of MARBLE: reads the data sets, embeds their audio, trains and scores the probes.
///
/// Everything is read before anything is embedded. A task whose data are missing is left out and named. Where no probe of a
/// model has a score on a task, the other scores are there all the same.
///
/// Several ranks share the audio that is embedded, and then the models and tasks, with the scores of one process. The
/// store has to be on a disk that all share.
public struct Marble {
  /// An event of a run.
  public enum Event {
    /// A task's data are read.
    case data(String, LabelledDataset)
    /// A task is left out.
    case missing(String, reason: String)
    /// Another process embeds for a task, by a model, and is waited for; its name, if known.
    case waiting(String, model: String, holder: String?)
    /// Clips embedded for a task, by a model: how many, of how many.
    case embedding(String, model: String, Int, of: Int)
    /// An epoch of fine-tuning or of separation, and the score on the validation part after it.
    case epoch(String, model: String, Int, score: Double)
    /// Probes trained for a task: how many, of how many.
    case probing(String, model: String, Int, of: Int)
    /// A model has no score on a task; the others go on.
    case failed(String, model: String, reason: String)
    /// A score is there.
    case score(MarbleOutcome)
  }

  private let tasks: [MarbleTask]
  let embedders: [Embedder]
  private let root: URL
  let setting: MarbleSetting
  let grid: ProbeGrid
  let store: EmbeddingStore
  private let kept: URL?
  private let scores: KeptOutcomes?
  private let keptEvery: Double
  let ranks: Ranks
  let watch: (Event) -> Void

  /// - Parameters:
  ///   - tasks: What is scored.
  ///   - embedders: The models.
  ///   - root: The folder that holds the data sets.
  ///   - setting: How scores are reached.
  ///   - grid: What the validation parts choose from.
  ///   - store: Keeps the vectors.
  ///   - kept: A folder for fine-tuned models; nil if they are not kept.
  ///   - scores: A folder for outcomes and for how far fine-tunings and separation have come, in which those of an
  ///     earlier run are found; nil if they are not kept.
  ///   - keptEvery: Seconds within an epoch of these after which it is kept how far it has come; it is after each epoch,
  ///     too.
  ///   - ranks: The ranks that share the work, all with the same models and tasks; this process alone unless given.
  ///   - watch: Called with each event; of several ranks, with those of what this one does.
  /// - Traps when: two embedders have one name.
  public init(
    _ tasks: [MarbleTask], of embedders: [Embedder], root: URL,
    setting: MarbleSetting = MarbleSetting(), grid: ProbeGrid = ProbeGrid(), store: EmbeddingStore,
    keepingModelsIn kept: URL? = nil, scoresIn scores: URL? = nil, every keptEvery: Double = 600,
    among ranks: Ranks = .alone,
    watch: @escaping (Event) -> Void = { _ in }
  ) {
    precondition(
      Set(embedders.map(\.name)).count == embedders.count,
      "Marble: two models have one name among \(embedders.map(\.name))")
    (self.tasks, self.embedders, self.root) = (tasks, embedders, root)
    (self.setting, self.grid, self.store, self.watch) = (setting, grid, store, watch)
    (self.kept, self.ranks, self.scores) = (kept, ranks, scores.map(KeptOutcomes.init))
    self.keptEvery = keptEvery
  }

  /// A collective call.
  ///
  /// - Parameter commands: The command lines to show in the report.
  /// - Throws: `MarbleError.sameName` if two tasks have one name; `.layer` if a model lacks a layer of the grid;
  ///   `.handMade` and `.nothingToTrain` if there is nothing to fine-tune; `.keptModel` if the model of another training
  ///   lies where one has to be kept; `.noTask` if none can be scored; `DatasetError` if data are there and
  ///   broken; what embedding, probing and fine-tuning throw; of several ranks, what one of them failed by.
  public func run(commands: [String] = []) throws -> MarbleResults {
    // Before hours of scoring, in which the source folder may come to another commit.
    let machine = ComparisonReport.Origin.current
    let opened = try ranks.agree { try open() }
    try checkRanks(opened)
    if ranks.isFirst {
      for (task, dataset) in opened.present { watch(.data(task.name, dataset)) }
      for task in opened.missing { watch(.missing(task.item, reason: task.reason)) }
    }
    let lock = try ranks.agree { isLocking ? try FolderLock(store.folder) : nil }
    let scored = try withExtendedLifetime(lock) { try score(opened.present) }
    return MarbleResults(
      setting: setting, grid: grid, models: embedders.map(\.name),
      tasks: opened.present.map(\.task),
      outcomes: scored.flatMap(\.outcome), missing: opened.missing,
      failed: scored.flatMap(\.failure), commands: commands, machine: machine)
  }

  private func open() throws -> OpenedTasks {
    for embedder in embedders {
      if setting.fineTuning != nil, embedder.encoder == nil {
        throw MarbleError.handMade(embedder.name)
      }
      try grid.check(layers: embedder.layers, for: setting)
    }
    let opened = try OpenedTasks(tasks, below: root, setting)
    for embedder in embedders {
      for (task, dataset) in opened.present {
        try probingJob(of: embedder, on: task, dataset).checkKeptModel()
      }
    }
    return opened
  }

  /// The jobs of several ranks lie in the store's folder; one process locks no more than what it embeds.
  private var isLocking: Bool { ranks.count > 1 && ranks.isFirst }
  /// A signal ends them at once: vectors that are whole are kept.
  var jobs: SharedJobs { SharedJobs(in: store.folder, among: ranks, stop: StopRequest()) }

  /// What a model came to on a task, one of the two.
  private struct Scored: Codable {
    var outcome: [MarbleOutcome] = []
    var failure: [Omission] = []
  }

  private func score(_ tasks: [OpenedTasks.Opened]) throws -> [Scored] {
    try embedTogether(tasks)
    let pairs = embedders.flatMap { embedder in tasks.map { (embedder: embedder, task: $0) } }
    return try jobs.run(
      pairs.map { "\($0.task.task.name), \($0.embedder.name)" },
      work: { Double(pairs[$0].task.dataset.items.count) }
    ) { try scored(pairs[$0].embedder, on: pairs[$0].task) }
  }

  private func scored(_ embedder: Embedder, on opened: OpenedTasks.Opened) throws -> Scored {
    do {
      let outcome = try score(embedder, on: opened.task, opened.dataset)
      watch(.score(outcome))
      return Scored(outcome: [outcome])
    } catch let error where error is MarbleError || error is ProbeError || error is AudioError {
      let name = opened.task.name
      watch(.failed(name, model: embedder.name, reason: "\(error)"))
      return Scored(failure: [Omission("\(name), \(embedder.name)", "\(error)")])
    }
  }

  /// Whether the model is heard again in each epoch.
  private func takesHours(_ task: MarbleTask) -> Bool {
    setting.fineTuning != nil || task.method.cut == nil
  }

  private func probingJob(
    of embedder: Embedder, on task: MarbleTask, _ dataset: LabelledDataset
  ) -> ProbingJob {
    ProbingJob(
      task: task, dataset: dataset, embedder: embedder, setting: setting, grid: grid,
      store: store, kept: kept, keptEvery: keptEvery, watch: watch)
  }

  private func score(
    _ embedder: Embedder, on task: MarbleTask, _ dataset: LabelledDataset
  ) throws -> MarbleOutcome {
    var job = probingJob(of: embedder, on: task, dataset)
    if takesHours(task) { job.trainings = scores?.trainings(of: job) }
    if let known = scores?.outcome(of: job) { return known }
    let outcome = try task.method.outcome(of: job)
    try scores?.keep(outcome, of: job)
    return outcome
  }
}
