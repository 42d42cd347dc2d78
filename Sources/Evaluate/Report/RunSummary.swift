import Audio
import Pretrain
import Settings
import Train

/// One pre-training run, as a report shows it.
public struct RunSummary: Codable, Sendable, Equatable {
  /// One setting of a flattened recipe.
  public struct Setting: Codable, Sendable, Equatable {
    /// Where it stands: `mask.probability`.
    public var path: String
    /// Its value, as the recipe writes it.
    public var value: String

    /// A setting.
    public init(path: String, value: String) {
      self.path = path
      self.value = value
    }
  }

  /// One training of a run's recipe.
  public struct Training: Codable, Sendable, Equatable {
    /// Seed of its first weights, its crops and its masks.
    public var seed: Int
    /// Optimiser updates done.
    public var steps: Int
    /// Time spent training, in seconds.
    public var seconds: Double
    /// Why it was stopped before its last step; nil if it was not.
    public var stopped: String?
    /// How it ended, if it was stopped; nil if it was not, and in older reports.
    public var ending: Ending?
    /// Updates that were left out, because their gradient was not finite; nil if that is not known.
    public var leftOut: Int?
    /// What it took; nil in older reports.
    public var cost: TrainingCost?
    /// The processes that worked on it, with their programs and commands; nil in older reports and runs.
    public var work: [RunInformation.Work]?

    /// A training.
    public init(
      seed: Int, steps: Int, seconds: Double, stopped: String? = nil, ending: Ending? = nil,
      leftOut: Int? = nil, cost: TrainingCost? = nil, work: [RunInformation.Work]? = nil
    ) {
      (self.seed, self.steps, self.seconds) = (seed, steps, seconds)
      (self.stopped, self.ending, self.leftOut) = (stopped, ending, leftOut)
      (self.cost, self.work) = (cost, work)
    }
  }

  /// How a training was stopped.
  public typealias Ending = RunStop.Ending

  /// The music that a run was trained on.
  public struct Music: Codable, Sendable, Hashable {
    /// Its root folder.
    public var folder: String
    /// Usable files.
    public var files: Int
    /// Their length together, in seconds.
    public var seconds: Double

    /// Some files below a folder.
    public init(folder: String, files: Int, seconds: Double) {
      (self.folder, self.files, self.seconds) = (folder, files, seconds)
    }
  }

  /// The run's name; unique within a report.
  public var name: String
  /// The resolved recipe, flattened, in its own order.
  public var recipe: [Setting]
  /// What the run logged, by rising step; of several trainings, the first that was not stopped.
  public var log: [StepRecord]
  /// The validations beside this log; nil in older reports.
  public var validations: [ValidationRecord]?
  /// The probes beside this log; nil in older reports.
  public var probes: [ProbeRecord]?
  /// What was logged, over all trainings that have a log; nil in older reports.
  public var courses: [SeedCourse]?
  /// What the labels that its teachers gave are like, of the training of the log; nil in older reports, and where none
  /// are kept.
  public var labels: [LabelQuality]?
  /// The codecs among its earlier stages, of the same training; nil in older reports, and without one.
  public var codecs: [TeachingCodec]?
  /// Trained parameters of model and heads.
  public var parameters: Int
  /// Optimiser updates done in the training of the log.
  public var steps: Int
  /// Time spent training, in seconds, all trainings together.
  public var seconds: Double
  /// Files left out of the data.
  public var skipped: [Manifest.Skipped]
  /// The trainings of the recipe, one for each seed; none if the model was not trained here.
  public var trainings: [Training]
  /// What they were trained on, each once; empty if that is not known.
  public var music: [Music]
  /// The model that they began as; nil if that was random, and in older reports.
  public var start: ModelIdentity?

  /// A run.
  public init(
    name: String, recipe: [Setting], log: [StepRecord], validations: [ValidationRecord]? = nil,
    probes: [ProbeRecord]? = nil, courses: [SeedCourse]? = nil, labels: [LabelQuality]? = nil,
    parameters: Int, steps: Int,
    seconds: Double, skipped: [Manifest.Skipped], trainings: [Training], music: [Music] = [],
    start: ModelIdentity? = nil
  ) {
    self.name = name
    self.recipe = recipe
    self.log = log
    (self.validations, self.probes) = (validations, probes)
    (self.courses, self.labels) = (courses, labels)
    self.parameters = parameters
    self.steps = steps
    self.seconds = seconds
    self.skipped = skipped
    self.trainings = trainings
    (self.music, self.start) = (music, start)
  }

  /// The trainings that were stopped before their last step.
  var stopped: [Training] { trainings.filter { $0.stopped != nil } }
}
