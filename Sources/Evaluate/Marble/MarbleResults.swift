import Foundation

/// The scores of models on tasks.
public struct MarbleResults: Sendable {
  /// How the scores were reached.
  public let setting: MarbleSetting
  /// What the validation parts chose from.
  public let grid: ProbeGrid
  /// The names of the models, in their order.
  public let models: [String]
  /// The tasks whose data were there, in their order.
  public let tasks: [MarbleTask]
  /// One for each model and task.
  public let outcomes: [MarbleOutcome]
  /// The tasks that were left out, with the reasons.
  public let missing: [Omission]
  /// The tasks and models without a score, with the reasons.
  public let failed: [Omission]
  /// The command lines that made them.
  public let commands: [String]
  /// What they were made on.
  public let machine: ComparisonReport.Origin

  /// The outcome of a model on a task.
  public func outcome(of model: String, on task: String) -> MarbleOutcome? {
    outcomes.first { $0.model == model && $0.task == task }
  }

  /// MARBLE's average of a model, see `MarbleAverage`: nil unless all 14 tasks are there, in the constrained track.
  public func average(of model: String) -> Double? {
    guard setting.isPublished else { return nil }
    var scores: [MarbleScores.Task: [MarbleScores.Metric: Double]] = [:]
    for outcome in outcomes where outcome.model == model {
      guard let task = MarbleScores.Task(rawValue: outcome.task) else { continue }
      for value in outcome.values {
        guard let metric = MarbleScores.Metric(rawValue: value.metric.id),
          task.metrics.contains(metric)
        else { continue }
        scores[task, default: [:]][metric] = value.metric.unit.factor * value.score
      }
    }
    return MarbleAverage(of: MarbleScores(scores)).value
  }
}

extension MarbleResults {
  /// `{ model: { task: { metric: score } } }`; shares 0…1, and decibels. The setting follows the name of a task but for
  /// the constrained track: `GTZAN v1 logistic`.
  public func json() throws -> Data {
    let scores = Dictionary(
      uniqueKeysWithValues: models.map { model in
        (
          model,
          Dictionary(
            uniqueKeysWithValues: outcomes.filter { $0.model == model }.map {
              (
                $0.task + setting.suffix,
                Dictionary(uniqueKeysWithValues: $0.values.map { ($0.metric.id, $0.score) })
              )
            })
        )
      })
    return try MarbleJSON.encoder.encode(scores)
  }

  /// Everything that is known of each score.
  func details() throws -> Data {
    try MarbleJSON.encoder.encode(outcomes.map { MarbleRecord($0, of: self) })
  }
}

/// A score with how it was reached, as `report.json` has it.
private struct MarbleRecord: Encodable {
  struct Value: Encodable {
    var metric: String
    var score: Double
    var interval: [Double]?
  }

  var model: String
  var task: String
  var setting: String
  /// Etude's version and commit, and the CPU that it was scored on.
  var program: String?
  var cpu: String?
  /// What of the grid was searched; nil if all of it was.
  var restriction: String?
  var seed: Int
  var scores: [Value]
  var layer: String
  var rate: Float?
  var epoch: Int?
  var penalty: Float?
  var aggregation: String?
  var validationScore: Double
  var items: [String: Int]
  var leftOut: [String: String]
  var remarks: [String]

  init(_ outcome: MarbleOutcome, of results: MarbleResults) {
    let grid = results.grid
    (setting, restriction, seed) = (results.setting.name, grid.restriction, grid.probe.seed)
    (program, cpu) = (outcome.origin?.program, outcome.origin?.cpu)
    (model, task, remarks) = (outcome.model, outcome.task, outcome.remarks)
    scores = outcome.values.map { value in
      Value(
        metric: value.metric.id, score: value.score,
        interval: value.interval.map { [$0.lowerBound, $0.upperBound] })
    }
    let choice = outcome.choice
    (layer, penalty) = (choice.layer.description, choice.penalty)
    (rate, epoch) = (choice.rate, choice.epoch)
    (aggregation, validationScore) = (choice.aggregation?.rawValue, choice.score)
    items = Dictionary(
      uniqueKeysWithValues: outcome.counts.map { ($0.key.rawValue, $0.value) })
    leftOut = Dictionary(outcome.leftOut.map { ($0.item, $0.reason) }) { first, _ in first }
  }
}
