import Tensor

/// What a probing run does: which tasks, over which seeds, with which examples.
public struct ProbeRecipe: Configuration {
  /// Names of tasks: `key`, `instrument`, `pitch`.
  public var tasks = ["key", "instrument", "pitch"]
  /// Each seed divides the pieces anew, and initialises a random model anew.
  public var seeds: [UInt64] = [1, 2, 3]
  /// The most examples of one task.
  public var maximumExamples = 2000
  /// How the pieces are divided.
  public var split = ProbeSplit.Config()
  /// How the regressions are fitted.
  public var regression = LogisticRegression.Config()
  /// The defaults.
  public init() {}
}
