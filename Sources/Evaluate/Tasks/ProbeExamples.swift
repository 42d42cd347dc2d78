import Tensor

/// One example for a probe: a stretch of a piece and its class.
public struct ProbeExample: Sendable, Equatable {
  /// The index of the piece in the corpus.
  public var piece: Int
  /// The stretch of the piece, in seconds.
  public var time: Range<Double>
  /// What it is, one of the task's classes.
  public var label: String

  /// Stores all parts.
  public init(piece: Int, time: Range<Double>, label: String) {
    (self.piece, self.time, self.label) = (piece, time, label)
  }
}

/// The examples of one task in a corpus, ordered by piece, with their classes numbered.
public struct ProbeExamples: Sendable, Equatable {
  /// The task's name.
  public let task: String
  /// How answers are scored.
  public let metric: Metric
  /// Ordered by piece.
  public let examples: [ProbeExample]
  /// The classes that occur, sorted.
  public let classNames: [String]
  /// The class of each example, an index into `classNames`.
  public let classes: [Int32]

  /// - Parameters:
  ///   - task: The task.
  ///   - metric: How answers are scored.
  ///   - examples: Features and classes.
  ///   - maximum: The most examples to keep; of more, a fixed random choice remains, the
  ///     same for every model and seed.
  public init(
    task: String, metric: Metric = .accuracy, _ examples: [ProbeExample], maximum: Int = .max
  ) {
    (self.task, self.metric) = (task, metric)
    self.examples = Self.chosen(from: examples, maximum: maximum)
    classNames = Set(self.examples.map(\.label)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames, Int32(0)...))
    classes = self.examples.map { numbers[$0.label]! }
  }

  /// The score of always giving the same answer, the best one for these examples.
  public var chance: Double { metric.chance(of: classes, among: classNames) }

  /// The score of answers to some of the examples, whose classes are `truth`.
  func score(_ predicted: [Int32], of truth: [Int32]) -> Double {
    metric.score(Answers(predicted, to: truth, among: classNames))
  }

  /// What answers to all examples are worth; nil if the metric is no mean over examples.
  func worths(_ predicted: [Int32]) -> [Float]? {
    metric.worths?(Answers(predicted, to: classes, among: classNames)).map { Float($0) }
  }

  private static func chosen(from examples: [ProbeExample], maximum: Int) -> [ProbeExample] {
    let ordered = examples.sorted { $0.position < $1.position }
    guard ordered.count > maximum else { return ordered }
    var generator = RandomStream(seed: 0, purpose: .probe)
    return ordered.shuffled(using: &generator).prefix(maximum).sorted { $0.position < $1.position }
  }
}

extension ProbeExample {
  fileprivate var position: (Int, Double) { (piece, time.lowerBound) }
}
