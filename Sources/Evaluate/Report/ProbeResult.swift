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

  /// What differs between one accuracy and the next, besides how the same pieces are dealt into folds.
  public enum Repeats: String, Codable, Sendable {
    /// Nothing: the features have the same weights, or none.
    case folds
    /// The weights: other trainings, or other random initialisations.
    case weights
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
  /// The seed of each accuracy's folds and, where the weights differ, of these.
  public var seeds: [Int]
  /// What the accuracies are repeats of, and so what their interval covers.
  public var repeats: Repeats
  /// The layer that did best on the validation split, 0 being the front end; none for statistics.
  public var layer: Int?

  /// A result; its seeds are 1, 2, 3… unless given.
  public init(
    model: String, kind: Kind, task: String, chance: Double, accuracies: [Double],
    seeds: [Int]? = nil, repeats: Repeats, layer: Int? = nil
  ) {
    self.model = model
    self.kind = kind
    self.task = task
    self.chance = chance
    self.accuracies = accuracies
    self.seeds = seeds ?? Array(1...max(accuracies.count, 1))
    self.repeats = repeats
    self.layer = layer
  }

  /// Mean over the seeds with its 95 % interval, which covers what `repeats` says and nothing else.
  public var interval: Interval { Interval(of: accuracies) }
}
