/// What a probe on frozen features reached on one task.
public struct ProbeResult: Codable, Sendable, Equatable {
  /// What made the features.
  public enum Kind: String, Codable, Sendable {
    /// A run's model after training.
    case pretrained
    /// The same model as it was before its first step.
    case randomInitialisation
    /// No model at all, such as means and deviations of a log-mel spectrogram.
    case statistics
  }

  /// The run's name, the same for its pre-trained and its random model; or the statistics' name.
  public var model: String
  /// What made the features.
  public var kind: Kind
  /// The task: `key`, `instrument`, `pitch`, `beat`.
  public var task: String
  /// The accuracy of guessing, 0…1.
  public var chance: Double
  /// Accuracy on the test split, 0…1, one per seed; at least one.
  public var accuracies: [Double]
  /// The layer that did best on the validation split, 0 being the front end; none for statistics.
  public var layer: Int?

  /// A result.
  public init(
    model: String, kind: Kind, task: String, chance: Double, accuracies: [Double],
    layer: Int? = nil
  ) {
    self.model = model
    self.kind = kind
    self.task = task
    self.chance = chance
    self.accuracies = accuracies
    self.layer = layer
  }

  /// Mean over the seeds with its 95 % interval.
  public var interval: Interval { Interval(of: accuracies) }
}
