import Models
import Tensor

/// The probe of tasks with one answer an item: from the mean of the frames of each of its stretches.
public struct VectorProbing: ProbingMethod {
  /// How files are cut.
  public let excerpts: Excerpts
  let scores: [OutputMetric]
  private let chooser: OutputMetric
  /// How the outputs of an item's stretches become one, of which the validation part chooses one. Empty if each
  /// stretch is an item of its own.
  let aggregations: [Aggregation]
  private let schedule: ProbeSchedule

  /// - Parameters:
  ///   - excerpts: How files are cut.
  ///   - metrics: What is reported.
  ///   - monitor: What the validation part chooses by; the first metric if nil.
  ///   - aggregations: How the outputs of stretches become one.
  ///   - schedule: How long probes are trained.
  public init(
    _ excerpts: Excerpts = Excerpts(), metrics: [OutputMetric], monitor: OutputMetric? = nil,
    aggregations: [Aggregation] = [.mean], schedule: ProbeSchedule
  ) {
    (self.excerpts, scores, chooser) = (excerpts, metrics, monitor ?? metrics[0])
    (self.aggregations, self.schedule) = (aggregations, schedule)
  }

  /// What is reported.
  public var metrics: [TaskMetric] { scores.map(\.metric) }
  /// What the validation part chooses by.
  public var monitor: TaskMetric { chooser.metric }

  /// The score of a model.
  /// - Throws: `MarbleError`, and what embedding throws.
  public func outcome(of job: ProbingJob) throws -> MarbleOutcome {
    let embeddings = try job.embeddings(.stretches(excerpts))
    let parts = try parts(of: job, embeddings)
    let config = job.grid.config(schedule)
    let classes = job.dataset.classes
    var (probe, choice): (Perceptron, MarbleOutcome.Choice) = try job.best(
      layers: embeddings.layers
    ) { layer, rate in
      let layers = layer.layers(of: embeddings.layers)
      let training = PerceptronTraining(
        config: config, layers: layers, rate: rate, train: parts[.train]!,
        score: { try validation(of: $0, layers, parts[.valid]!, classes).score })
      return try training.run(width: embeddings.width, outputs: classes.count)
    }
    let layers = choice.layer.layers(of: embeddings.layers)
    choice.aggregation = try validation(of: probe, layers, parts[.valid]!, classes).aggregation
    let outputs = try outputs(of: probe, layers, for: parts[.test]!)
    let answers = answers(outputs, to: parts[.test]!, choice.aggregation ?? .mean, classes)
    return job.outcome(values(answers), choice, counts: parts.mapValues(\.count), embeddings)
  }

  private func values(_ answers: TaskAnswers) -> [MarbleOutcome.Value] {
    scores.map { metric in
      let score = { (items: [Int]) in metric.score(answers.choosing(items)) }
      return MarbleOutcome.Value(
        metric: metric.metric, score: metric.score(answers),
        interval: Bootstrap.interval(of: answers.truth.count, score: score),
        pseudoValues: Jackknife.pseudoValues(of: answers.truth.count, score: score))
    }
  }

  /// The best score on the validation part, and the aggregation that reaches it: nil if each stretch is an item.
  private func validation(
    of probe: Perceptron, _ layers: [Int], _ items: ProbedItems, _ classes: [String]
  ) throws -> (score: Double, aggregation: Aggregation?) {
    let outputs = try outputs(of: probe, layers, for: items)
    guard !aggregations.isEmpty else {
      return (chooser.score(answers(outputs, to: items, .mean, classes)), nil)
    }
    let scores = aggregations.map { chooser.score(answers(outputs, to: items, $0, classes)) }
    let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    return (scores[best], aggregations[best])
  }

  private func answers(
    _ outputs: [[[Float]]], to items: ProbedItems, _ aggregation: Aggregation, _ classes: [String]
  ) -> TaskAnswers {
    TaskAnswers(
      outputs: outputs.map { aggregation($0) }, truth: items.truth, classes: classes)
  }

  /// For each item of a part the outputs of its stretches.
  private func outputs(
    of probe: Perceptron, _ layers: [Int], for items: ProbedItems
  ) throws -> [[[Float]]] {
    var outputs: [[[Float]]] = []
    for start in stride(from: 0, to: items.count, by: 256) {
      let block = start..<min(start + 256, items.count)
      let rows = probe(try items.vectors(of: block, layers: layers), in: .evaluating()).rows
      var next = 0
      for item in block {
        let count = items.rows[item].count
        outputs.append(Array(rows[next..<next + count]))
        next += count
      }
    }
    return outputs
  }
}

extension VectorProbing {
  /// The items of each part that have vectors; each stretch is one if there is no aggregation.
  private func parts(
    of job: ProbingJob, _ embeddings: Embeddings
  ) throws(MarbleError) -> [Split: ProbedItems] {
    var parts: [Split: ProbedItems] = [:]
    for split in Split.allCases {
      let items = items(of: split, job.dataset, embeddings)
      guard items.count > 0 else { throw .emptyPart(split, task: job.task.name) }
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
      let groups = aggregations.isEmpty ? own.map { [$0] } : own.isEmpty ? [] : [own]
      rows += groups
      truth += groups.map { _ in item.truth }
    }
    return ProbedItems(rows: rows, truth: truth, in: embeddings)
  }
}

extension Tensor {
  /// Its rows, `[N, K]`.
  var rows: [[Float]] {
    let width = shape[1]
    return read { x in (0..<shape[0]).map { Array(x[$0 * width..<($0 + 1) * width]) } }
  }
}
