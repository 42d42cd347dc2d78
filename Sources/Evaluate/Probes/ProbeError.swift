/// What can go wrong with a probing run.
public enum ProbeError: Error, Equatable, CustomStringConvertible {
  /// The corpus cannot be divided into parts.
  case tooFewPieces(folder: String, pieces: Int)
  /// A task has one class, or too few examples for the folds.
  case nothingToTell(task: String, examples: Int, classes: Int)
  /// A setting of the recipe makes no sense.
  case setting(String, problem: String)

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .tooFewPieces(let folder, let pieces):
      "\(folder): \(pieces) pieces are too few to probe on; render 10 or more with 'etude synth'"
    case .nothingToTell(let task, let examples, let classes):
      "task '\(task)': \(examples) examples of \(classes) classes are too few to probe; "
        + "render more pieces with 'etude synth'"
    case .setting(let path, let problem):
      "\(path): \(problem)"
    }
  }
}

extension ProbeError {
  static func nothingToTell(_ examples: ProbeExamples) -> ProbeError {
    .nothingToTell(
      task: examples.task, examples: examples.examples.count, classes: examples.classNames.count)
  }
}
