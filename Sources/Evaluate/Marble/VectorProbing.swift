import Models
import Tensor

/// The probe of tasks with one answer an item: from the mean of the frames of each of its stretches.
public struct VectorProbing: ProbingMethod {
  /// How files are cut.
  public let excerpts: Excerpts
  let scores: [OutputMetric]
  private let chooser: OutputMetric
  private let aggregations: [Aggregation]
  private let trainsOnStretches: Bool
  let schedule: ProbeSchedule
  /// What the second version fixes; nil in the first.
  let fixed: FixedTraining?

  /// - Parameters:
  ///   - excerpts: How files are cut.
  ///   - metrics: What is reported.
  ///   - monitor: What the validation part chooses by; the first metric if nil.
  ///   - aggregations: How the outputs of an item's stretches become one, of which the validation part chooses one.
  ///     Empty if each stretch is an item of its own.
  ///   - trainsOnStretches: Whether each stretch of the training part is an item of its own; it is in the second version.
  ///   - schedule: How long probes are trained.
  ///   - fixed: What the second version of the protocol fixes; nil in the first.
  public init(
    _ excerpts: Excerpts = Excerpts(), metrics: [OutputMetric], monitor: OutputMetric? = nil,
    aggregations: [Aggregation] = [.mean], trainsOnStretches: Bool = false,
    schedule: ProbeSchedule, fixed: FixedTraining? = nil
  ) {
    (self.excerpts, scores, chooser) = (excerpts, metrics, monitor ?? metrics[0])
    (self.aggregations, self.schedule, self.fixed) = (aggregations, schedule, fixed)
    self.trainsOnStretches = trainsOnStretches || fixed != nil
  }

  /// What is reported.
  public var metrics: [TaskMetric] { scores.map(\.metric) }
  /// What the validation part chooses by.
  public var monitor: TaskMetric { chooser.metric }

  /// The mean of the frames of each stretch.
  public var cut: EmbeddingCut? { .stretches(excerpts) }

  /// All of them, joined, where the second version has that.
  public var fixesLayers: Bool { fixed?.joinsLayers == true }

  /// Why a probe cannot do this task; nil if it can.
  public func refusal(of setting: MarbleSetting, on dataset: LabelledDataset) -> String? {
    setting.refusal(of: dataset.items[0].truth) ?? dataset.truth.sameness
  }

  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  public func outcome(of job: ProbingJob) throws -> MarbleOutcome {
    if let tuning = job.setting.fineTuning, let encoder = job.embedder.encoder {
      return try tuned(job, tuning, encoder)
    }
    let embeddings = try job.embeddings(.stretches(excerpts))
    let parts = try parts(of: job, embeddings)
    let truth = try checkedTruth(parts.mapValues(\.truth), of: job)
    let data = VectorData(
      parts: parts, layers: embeddings.layers, width: embeddings.width,
      scoring: scoring(of: job))
    var (probe, choice) =
      try job.setting.probe == .mlp
      ? data.bestPerceptron(of: job, schedule, fixed) : data.bestLinear(of: job)
    choice.aggregation = data.scoring.best(try probe.outputs(for: data.parts[.valid]!)).aggregation
    let outputs = try probe.outputs(for: data.parts[.test]!)
    let items = job.dataset.items
    let clips = items.indices.filter { items[$0].split == .test }.map {
      (path: items[$0].path, stretches: embeddings.rows[$0].count)
    }
    return job.outcome(
      data.scoring.values(outputs, choice.aggregation, of: data.scoring.files(of: clips)), choice,
      counts: data.parts.mapValues(\.count), leftOut: embeddings.leftOut, remarks: truth.remarks)
  }

  /// What is true of the items whose audio can be used.
  /// - Throws: `MarbleError.undecidable` if no metric tells answers to them apart.
  func checkedTruth(_ parts: [Split: [Truth]], of job: ProbingJob) throws(MarbleError) -> PartTruth
  {
    let truth = PartTruth(parts, classes: job.dataset.classes)
    if let reason = truth.sameness { throw .undecidable(reason, task: job.task.name) }
    return truth
  }

  func scoring(of job: ProbingJob) -> StretchScoring {
    StretchScoring(
      metrics: scores, monitor: chooser, aggregations: aggregations, classes: job.dataset.classes)
  }

  /// The items of each part that have vectors.
  private func parts(
    of job: ProbingJob, _ embeddings: Embeddings
  ) throws(MarbleError) -> [Split: ProbedItems] {
    var parts: [Split: ProbedItems] = [:]
    for split in Split.allCases {
      let items = items(of: split, job.dataset, embeddings)
      guard items.count > 0 else { throw job.emptyPart(split, leftOut: embeddings.leftOut) }
      parts[split] = items
    }
    return parts
  }

  private func items(
    of split: Split, _ dataset: LabelledDataset, _ embeddings: Embeddings
  ) -> ProbedItems {
    var (rows, truth): ([[Int]], [Truth]) = ([], [])
    for (number, item) in dataset.items.enumerated() where item.split == split {
      let own = Array(embeddings.rows[number])
      let areItems = aggregations.isEmpty || trainsOnStretches && split == .train
      let groups = areItems ? own.map { [$0] } : own.isEmpty ? [] : [own]
      rows += groups
      truth += groups.map { _ in item.truth }
    }
    return ProbedItems(rows: rows, truth: truth, in: embeddings)
  }
}

/// The vectors of a task's items, by a model.
struct VectorData {
  let parts: [Split: ProbedItems]
  /// How many layers there are.
  let layers: Int
  /// The length of a vector.
  let width: Int
  let scoring: StretchScoring

  /// Classes, labels or numbers.
  var outputs: Int { scoring.classes.count }
}

/// A probe that is trained.
struct FittedProbe {
  /// The layers that it sees.
  let layers: [Int]
  /// `[B, D]` of each of them to `[B, outputs]`.
  let map: (_ vectors: [Tensor]) -> Tensor

  /// For each item the outputs of its stretches.
  func outputs(for items: ProbedItems) throws -> StretchScoring.Outputs {
    var outputs: [[[Float]]] = []
    for start in stride(from: 0, to: items.count, by: 256) {
      let block = start..<min(start + 256, items.count)
      let rows = map(try items.vectors(of: block, layers: layers)).rows
      var next = 0
      for item in block {
        let count = items.rows[item].count
        outputs.append(Array(rows[next..<next + count]))
        next += count
      }
    }
    return (outputs, items.truth)
  }
}

extension Tensor {
  /// Its rows, `[N, K]`.
  var rows: [[Float]] {
    let width = shape[1]
    return read { x in (0..<shape[0]).map { Array(x[$0 * width..<($0 + 1) * width]) } }
  }
}
