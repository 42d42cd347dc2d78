import Audio
import Files
import Foundation

/// MARBLE's probes on data sets and on a user's own tables, each with its own parts to train, choose and test.
struct DatasetProbes: ComparisonProbes {
  /// A task, its data, and the probes' metrics.
  fileprivate struct Task {
    let task: MarbleTask
    let dataset: LabelledDataset
    let method: VectorProbing
  }

  private let root: URL
  private let seeds: [Int]
  private let store: EmbeddingStore
  private let tasks: [Task]
  /// The tasks that are not probed, with the reasons.
  private let leftOut: [Omission]

  /// - Parameters:
  ///   - tasks: Those whose data are missing are left out, and those with more than an answer an item.
  ///   - root: The folder that holds the data sets.
  ///   - seeds: Of the probes.
  ///   - store: Keeps the vectors.
  /// - Throws: `ComparisonError.probeData` if none has one answer an item; `MarbleError.noTask` if none is left; `.emptyPart`; `DatasetError`.
  init(_ tasks: [MarbleTask], below root: URL, seeds: [Int], store: EmbeddingStore) throws {
    let others = tasks.filter { !($0.method is VectorProbing) }.map {
      Omission($0.name, "is no task with one answer an item; 'etude marble' scores it")
    }
    guard others.count < tasks.count else {
      throw ComparisonError.probeData(
        root.relativePath,
        reason:
          "\(Wording.list(others.map(\.item))): no task with one answer an item, so 'etude marble' alone scores it"
      )
    }
    let opened = try OpenedTasks(
      tasks.filter { $0.method is VectorProbing }, below: root, MarbleSetting())
    (self.root, self.seeds, self.store) = (root, seeds, store)
    leftOut = opened.missing + others
    self.tasks = opened.present.compactMap { task, dataset in
      (task.method as? VectorProbing).map { Task(task: task, dataset: dataset, method: $0) }
    }
  }

  func music(heard: [String: Int]) -> ProbedMusic {
    ProbedMusic(
      folder: root.relativePath, tasks: tasks.map(\.task.name), pieces: paths.count,
      skipped: leftOut.map { Manifest.Skipped(path: $0.item, reason: $0.reason) }
        + tasks.compactMap(Self.skipped), heard: heard, parts: .fixed)
  }

  /// One line about what a data set leaves out.
  private static func skipped(_ task: Task) -> Manifest.Skipped? {
    guard let first = task.dataset.leftOut.first else { return nil }
    let count = Wording.count(task.dataset.leftOut.count, "item")
    return Manifest.Skipped(
      path: task.task.name, reason: "\(count), the first \(first.item): \(first.reason)")
  }

  /// The files, each once, however its path is spelled.
  private var paths: [String] {
    tasks.flatMap { $0.dataset.items.map { AudioLocation.resolved($0.path) } }.uniqued()
  }

  func count(among files: [String]) -> Int { FileIdentity.count(of: paths, among: files) }

  var contents: [UInt64] { FileIdentity.contents(of: paths) }

  /// Files by path, size and time of change, as their vectors are kept.
  var identity: Data {
    let lines = tasks.flatMap { task in
      ["\(task.task.name) \(task.dataset.classes)"]
        + task.dataset.items.map {
          "\(AudioClip(path: $0.path, time: $0.time).key) \($0.name) \($0.split) \($0.truth)"
        }
    }
    return Data(lines.joined(separator: "\n").utf8)
  }

  /// How the probes are made, a sentence each.
  var method: [String] {
    [
      "Features are frozen, and means over the frames of a stretch; hand-made statistics are means with standard "
        + "deviations.",
      "The probes are those of MARBLE's constrained track: one hidden layer of 512, on each layer and on a learned "
        + "mean of layers, with six learning rates; the validation part chooses among them, the score is that of the "
        + "test part. Each seed (\(Wording.list(seeds.map(String.init)))) draws the weights of the probes and of a random "
        + "model.",
    ] + tasks.flatMap(\.dataset.remarks).uniqued()
  }
}

// MARK: - Results

extension DatasetProbes {
  func results(
    of model: ProbedModel, named name: String, seeds: [Int]?, watch: (String, Int, Int) -> Void
  ) throws -> [ProbeResult] {
    let seeds = seeds ?? self.seeds
    let embedders =
      switch model {
      case .trained(let encoder):
        [Embedder](repeating: Embedder(encoder, name: name), count: seeds.count)
      case .untrained(let start):
        try seeds.map { Embedder(try start.encoder(seed: $0), name: name) }
      }
    let kind: ProbeResult.Kind =
      if case .untrained = model { .randomInitialisation } else { .pretrained }
    return try tasks.flatMap { task in
      try results(of: embedders, seeds, kind, on: task) {
        watch("\(model.title(name)), \($0)", $1, $2)
      }
    }
  }

  func resultsOfStatistics(watch: (String, Int, Int) -> Void) throws -> [ProbeResult] {
    try ["log-mel", "cqt-chroma", "mfcc"].compactMap { Embedder(handMade: $0) }.flatMap {
      embedder in
      try tasks.flatMap { task in
        try results(
          of: [Embedder](repeating: embedder, count: seeds.count), seeds, .statistics, on: task
        ) { watch("\(embedder.name), \($0)", $1, $2) }
      }
    }
  }

  /// One result for each metric of a task.
  private func results(
    of embedders: [Embedder], _ seeds: [Int], _ kind: ProbeResult.Kind, on task: Task,
    _ watch: (String, Int, Int) -> Void
  ) throws -> [ProbeResult] {
    let outcomes = try zip(embedders, seeds).map { embedder, seed in
      try outcome(of: embedder, seed, on: task, watch)
    }
    let votes = kind == .statistics ? nil : [LayerVotes](outcomes.map(\.choice.layer.number))
    return task.method.scores.enumerated().compactMap { place, metric in
      Metric(of: metric).map { known in
        ProbeResult(
          model: embedders[0].name, kind: kind, task: task.name(of: metric),
          mainTask: place == 0 ? nil : task.task.name, metric: known,
          chance: task.chance(metric), scores: outcomes.map { $0.values[place].score },
          seeds: seeds, repeats: kind == .randomInitialisation ? .weights : .folds,
          layer: votes?.chosen, votes: votes,
          items: outcomes.items(of: place), leftOut: outcomes[0].leftOut(beside: task.dataset),
          remarks: outcomes[0].remarks(beside: task.dataset))
      }
    }
  }

  private func outcome(
    of embedder: Embedder, _ seed: Int, on task: Task, _ watch: (String, Int, Int) -> Void
  ) throws -> MarbleOutcome {
    var grid = ProbeGrid()
    grid.probe.seed = seed
    return try withoutActuallyEscaping(watch) { watch in
      try task.method.outcome(
        of: ProbingJob(
          task: task.task, dataset: task.dataset, embedder: embedder, setting: MarbleSetting(),
          grid: grid, store: store, kept: nil,
          watch: { event in
            if case .embedding(let task, _, let done, let total) = event {
              watch(task, done, total)
            }
          }))
    }
  }
}

extension DatasetProbes.Task {
  /// `GS`; of further metrics with what they count: `GS, accuracy`.
  fileprivate func name(of metric: OutputMetric) -> String {
    metric.metric.id == method.scores[0].metric.id
      ? task.name : "\(task.name), \(metric.metric.name)"
  }

  /// The score of guessing on the test part.
  fileprivate func chance(_ metric: OutputMetric) -> Double {
    metric.chance(
      of: dataset.items.filter { $0.split == .test }.map(\.truth), among: dataset.classes)
  }
}

extension MarbleOutcome {
  /// The items whose audio could not be used.
  fileprivate func leftOut(beside dataset: LabelledDataset) -> [Omission] {
    Array(leftOut.dropFirst(dataset.leftOut.count))
  }

  /// What was found out once the audio was heard.
  fileprivate func remarks(beside dataset: LabelledDataset) -> [String] {
    remarks.dropFirst(dataset.remarks.count).map { "\(task): \($0)" }
  }
}

extension [MarbleOutcome] {
  /// The pseudo-values of one of the metrics for each seed; nil if a seed has none.
  fileprivate func items(of place: Int) -> ItemScores? {
    let values = map { $0.values[place].pseudoValues }
    return ItemScores(pieces: (0..<(values[0]?.count ?? 0)).map { firstPart + $0 }, values)
  }

  /// The number of the first part of the test items; another for each list of what is left out, so that parts of other
  /// items are never taken for the same.
  private var firstPart: Int {
    let left = self[0].leftOut.map(\.item)
    guard !left.isEmpty else { return 0 }
    var hash = ContentHash()
    hash.update(Data(left.joined(separator: "\0").utf8))
    return Int(hash.value >> 24)
  }
}

extension LayerChoice {
  /// Nil for the mean of layers.
  fileprivate var number: Int? {
    if case .layer(let number) = self { number } else { nil }
  }
}
