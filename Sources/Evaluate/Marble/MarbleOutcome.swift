/// What a model reached on a task.
public struct MarbleOutcome: Codable, Sendable {
  /// A metric's score on the test part.
  public struct Value: Codable, Sendable {
    /// Which metric.
    public let metric: TaskMetric
    /// The score.
    public let score: Double
    /// The middle 95 % of the scores of 200 draws of the test files, each with all its items; nil where a draw has none.
    public let interval: ClosedRange<Double>?
    /// What each part of the test items adds to the score, see `Jackknife`; nil where one left out leaves no score, and
    /// where the task has no items of its own.
    public var pseudoValues: [Float]?
  }

  /// The model's name.
  public let model: String
  /// The task's name.
  public let task: String
  /// The metrics of the task.
  public let values: [Value]
  /// What the validation part chose.
  public let choice: Choice
  /// How many items each part has.
  public let counts: [Split: Int]
  /// What was not used.
  public let leftOut: [Omission]
  /// What a reader of the score has to know.
  public let remarks: [String]
  /// What it was scored on; nil if a version before kept it.
  public var origin: ComparisonReport.Origin? = .current

  /// What the validation part chose.
  public struct Choice: Codable, Sendable {
    /// The layer.
    public let layer: LayerChoice
    /// The learning rate at the start; nil of a regression.
    public var rate: Float?
    /// The epoch whose weights were kept, from 1; nil of a regression.
    public var epoch: Int?
    /// The penalty of a regression.
    public var penalty: Float?
    /// How outputs of stretches became one; nil if each is an item.
    public var aggregation: Aggregation?
    /// The score on the validation part.
    public let score: Double
  }
}
