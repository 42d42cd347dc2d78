import Settings
import Tensor
import Train
import YAML

/// What a probing run does: which tasks, over which seeds, with which examples.
public struct ProbeRecipe: Configuration {
  /// What can be probed.
  public enum Task: String, Codable, Sendable, CaseIterable {
    /// The key of a piece, one of 24.
    case key
    /// The instrument that plays the chords in a stretch of a piece.
    case instrument
    /// The pitch class of a melody note, one of 12.
    case pitch
    /// Whether a moment is a beat or lies half-way between two.
    case beat
  }

  /// The metric of each task.
  public struct Metrics: Configuration {
    /// How answers to `key` are scored.
    public var key = Metric.accuracy
    /// How answers to `instrument` are scored.
    public var instrument = Metric.accuracy
    /// How answers to `pitch` are scored.
    public var pitch = Metric.accuracy
    /// How answers to `beat` are scored.
    public var beat = Metric.accuracy
    /// Accuracy for every task.
    public init() {}
  }

  /// What is predicted from the features.
  public var tasks = Task.allCases
  /// How answers are scored; the score on the validation part chooses layer, pooling and penalty.
  public var metrics = Metrics()
  /// Seeds of the repetitions; each deals the pieces into folds anew, and initialises a random model anew.
  public var seeds = [1, 2, 3]
  /// Number of parts that the pieces are dealt into; each is tested once.
  public var folds = 5
  /// Greatest number of pieces of the corpus that are used.
  public var maximumPieces = 1000
  /// Greatest number of examples of one task.
  public var maximumExamples = 2000
  /// How the frames of an example become one vector.
  public var pooling = FrameFeatures.Pooling.chosen
  /// The logistic regressions.
  public var regression = LogisticRegression.Config()
  /// Four tasks, three seeds, five folds.
  public init() {}
}

extension ProbeRecipe {
  /// Checks the numbers.
  public func validate() throws(InvalidSetting) {
    try require(!tasks.isEmpty, "tasks", "name at least one of key, instrument, pitch, beat")
    try require(
      Set(tasks).count == tasks.count, "tasks", "names a task twice; leave one of them out")
    try require(!seeds.isEmpty, "seeds", "give at least one; three make an interval")
    try require("seeds", seeds, in: 0...Int.max)
    try require(
      Set(seeds).count == seeds.count, "seeds",
      "\(seeds) has one twice, which makes the interval too narrow; give each once")
    try require("folds", folds, in: 3...1_000)
    try require("maximumPieces", maximumPieces, in: 1...1_000_000_000)
    try require(
      maximumPieces >= folds, "maximumPieces",
      "\(maximumPieces) pieces cannot be dealt into \(folds) folds; raise it", against: ["folds"])
    try require("maximumExamples", maximumExamples, in: 1...1_000_000_000)
  }

  /// Checks a recipe that was made or changed in code, each part of it.
  /// - Throws: `ProbeError.setting`.
  func check() throws {
    do {
      try RecipeFile.check(self)
    } catch RecipeError.setting(_, let path, let reason) {
      throw ProbeError.setting(path, problem: reason)
    }
  }
}

extension ProbeRecipe {
  /// A task with its metric.
  public func task(_ task: Task) -> any ProbeTask {
    switch task {
    case .key: KeyTask(metric: metrics.key)
    case .instrument: InstrumentTask(metric: metrics.instrument)
    case .pitch: PitchTask(metric: metrics.pitch)
    case .beat: BeatTask(metric: metrics.beat)
    }
  }
}
