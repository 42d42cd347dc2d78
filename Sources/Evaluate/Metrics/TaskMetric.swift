/// What a score counts.
public struct TaskMetric: Codable, Hashable, Sendable {
  /// The name in JSON: `rocAUC`.
  public let id: String
  /// The name in tables: `ROC-AUC`.
  public let name: String
  /// How scores are written.
  public let unit: ScoreUnit
  /// The score of perfect answers, higher ones being better; nil if there is no end.
  public let best: Double?
  /// What guessing scores, where that does not depend on the data.
  public let chance: Double?

  /// A metric.
  ///
  /// - Parameters:
  ///   - id: Its name in JSON.
  ///   - name: Its name in tables.
  ///   - unit: How scores are written.
  ///   - best: The score of perfect answers.
  ///   - chance: What guessing scores; nil where that depends on the data.
  public init(
    _ id: String, name: String, unit: ScoreUnit = .percent, best: Double? = 1, chance: Double? = nil
  ) {
    (self.id, self.name, self.unit) = (id, name, unit)
    (self.best, self.chance) = (best, chance)
  }
}

/// A metric of a probe that has a number for each class of an item.
///
/// A new one is a file in this folder, see `OutputMetric+Tags.swift`.
public struct OutputMetric: Sendable {
  /// What it counts.
  public let metric: TaskMetric
  /// The score of at least one answer; NaN where it has none.
  public let score: @Sendable (_ answers: TaskAnswers) -> Double

  /// Stores both parts.
  public init(_ metric: TaskMetric, score: @escaping @Sendable (_ answers: TaskAnswers) -> Double) {
    (self.metric, self.score) = (metric, score)
  }
}

/// What a probe answered to the items of a part, and what is true.
public struct TaskAnswers: Sendable {
  /// For each item a number for each class.
  public let outputs: [[Float]]
  /// What is true of each item.
  public let truth: [Truth]
  /// The names of the classes.
  public let classes: [String]

  /// - Traps when: there is not one answer an item, or no item.
  public init(outputs: [[Float]], truth: [Truth], classes: [String]) {
    precondition(
      outputs.count == truth.count && !truth.isEmpty,
      "TaskAnswers: needs one for each of at least 1 item, got \(outputs.count) for \(truth.count)")
    (self.outputs, self.truth, self.classes) = (outputs, truth, classes)
  }

  /// The answers to some items, in this order; an item may come more than once.
  func choosing(_ items: [Int]) -> TaskAnswers {
    TaskAnswers(
      outputs: items.map { outputs[$0] }, truth: items.map { truth[$0] }, classes: classes)
  }

  /// The class with the greatest output for each item, the first of equal ones, and the true one.
  var answers: Answers {
    let predicted = outputs.map { Int32($0.firstGreatest) }
    let truth = truth.map { truth -> Int32 in
      guard case .label(let label) = truth else {
        preconditionFailure("TaskAnswers: expected a class, got \(truth)")
      }
      return Int32(label)
    }
    return Answers(predicted, to: truth, among: classes)
  }
}

extension OutputMetric {
  /// The share of items whose class has the greatest output.
  public static let accuracy = OutputMetric(TaskMetric("accuracy", name: "accuracy")) {
    Metric.accuracy.score($0.answers)
  }

  /// The weighted key score of MIREX, see `Metric.weightedKey`.
  public static let weightedKey = OutputMetric(
    TaskMetric("weightedKey", name: "weighted key score", chance: 2.0 / 24)
  ) { Metric.weightedKey.score($0.answers) }
}

extension [Float] {
  /// The place of the greatest number, the first of equal ones; 0 if there is none.
  var firstGreatest: Int { indices.max { (self[$0], -$0) < (self[$1], -$1) } ?? 0 }
}
