import Settings
import Tensor
import Train
import YAML

/// What a probing run does: which tasks, over which seeds, with which examples.
public struct ProbeRecipe: Configuration {
  /// What can be probed.
  public enum Task: String, Codable, Sendable, CaseIterable {
    /// See `KeyTask`.
    case key
    /// See `InstrumentTask`.
    case instrument
    /// See `PitchTask`.
    case pitch
    /// See `BeatTask`.
    case beat
  }

  /// What to tell from the features.
  public var tasks = Task.allCases
  /// Each seed divides the pieces anew, and initialises a random model anew.
  public var seeds = [1, 2, 3]
  /// Parts that the pieces are divided into, see `ProbeFolds`.
  public var folds = 5
  /// Use so many pieces of the corpus at most.
  public var maximumPieces = 1000
  /// The most examples of one task.
  public var maximumExamples = 2000
  /// What becomes of an encoder's frames.
  public var pooling = FrameFeatures.Pooling.mean
  /// How the regressions are fitted.
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

extension ProbeRecipe.Task {
  /// The task itself.
  public var task: any ProbeTask {
    switch self {
    case .key: KeyTask()
    case .instrument: InstrumentTask()
    case .pitch: PitchTask()
    case .beat: BeatTask()
    }
  }
}
