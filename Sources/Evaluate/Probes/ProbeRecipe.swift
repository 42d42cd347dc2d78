import Tensor
import Train

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
  /// - Throws: `ProbeError.setting`.
  public func validate() throws(ProbeError) {
    try require(!tasks.isEmpty, "tasks", "name at least one of key, instrument, pitch, beat")
    try require(Set(tasks).count == tasks.count, "tasks", "each may be named once")
    try require(!seeds.isEmpty, "seeds", "give at least one; three make an interval")
    try require(Set(seeds).count == seeds.count, "seeds", "must differ, are \(seeds)")
    try require(seeds.allSatisfy { $0 >= 0 }, "seeds", "must not be negative, are \(seeds)")
    try require(folds >= 3, "folds", "must be at least 3, is \(folds)")
    try require(maximumPieces >= 1, "maximumPieces", "must be at least 1, is \(maximumPieces)")
    try require(
      maximumExamples >= 1, "maximumExamples", "must be at least 1, is \(maximumExamples)")
    try require(!regression.penalties.isEmpty, "regression.penalties", "give at least one")
    try require(
      regression.penalties.allSatisfy { $0 > 0 && $0.isFinite }, "regression.penalties",
      "must be above 0, are \(regression.penalties)")
    try require(
      regression.iterations >= 1, "regression.iterations",
      "must be at least 1, is \(regression.iterations)")
    try require(
      regression.tolerance > 0 && regression.tolerance.isFinite, "regression.tolerance",
      "must be above 0, is \(regression.tolerance)")
  }

  private func require(
    _ holds: Bool, _ path: String, _ problem: @autoclosure () -> String
  ) throws(ProbeError) {
    if !holds { throw .setting(path, problem: problem()) }
  }
}

extension ProbeRecipe {
  /// The recipe of a file, checked.
  ///
  /// - Parameter settings: `path=value`, applied last.
  /// - Throws: `RecipeError`; `ProbeError.setting`, with the file in it.
  public init(contentsOf path: String, settings: [String] = []) throws {
    self = try RecipeFile.load(ProbeRecipe.self, from: path, settings: settings)
    do {
      try validate()
    } catch .setting(let setting, let problem) {
      throw ProbeError.setting("\(path): \(setting)", problem: problem)
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
