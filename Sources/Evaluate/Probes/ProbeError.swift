import Audio
import Settings
import Tensor

/// What can go wrong with a probing run.
public enum ProbeError: Error, Equatable, CustomStringConvertible {
  /// The corpus cannot be divided into parts.
  case tooFewPieces(folder: String, pieces: Int, skipped: [Manifest.Skipped])
  /// The folder of the built-in pieces holds others.
  case otherPieces(folder: String)
  /// A piece that is left out, and why.
  case unusablePiece(String)
  /// A task has one class, or too few examples for the folds.
  case nothingToTell(task: String, examples: Int, classes: Int)
  /// A task has a class that its metric does not score.
  case unscored(task: String, metric: String, className: String)
  /// A model's features of a piece are no numbers.
  case notFinite(model: String, file: String, layer: Int)
  /// A setting of the recipe makes no sense.
  case setting(String, problem: String)

  /// The least number of pieces that can be probed on.
  static let fewestPieces = 10

  /// One line with the remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .tooFewPieces(let folder, let pieces, let skipped):
      "\(folder): \(pieces) usable pieces are too few to probe on\(Self.reasons(of: skipped)); "
        + "render \(Self.fewestPieces) or more with 'etude synth'"
    case .otherPieces(let folder):
      "\(folder): holds other pieces than the built-in ones, such as those of an earlier version; remove it to have "
        + "them rendered, or name it with --probe-data to probe on what is there"
    case .unusablePiece(let reason):
      reason
    case .nothingToTell(let task, let examples, let classes):
      "task '\(task)': \(examples) examples of \(classes) classes are too few for the folds; "
        + "render more pieces with 'etude synth', or leave the task out of 'tasks'"
    case .unscored(let task, let metric, let className):
      "metrics.\(task): \(metric) does not score the class '\(className)'; choose another metric, such as accuracy"
    case .notFinite(let model, let file, let layer):
      "\(model): the features of layer \(layer) for \(file) hold a NaN or an infinity; its weights are "
        + "damaged or its training diverged, so probe another checkpoint"
    case .setting(let path, let problem):
      "\(path): \(problem)"
    }
  }

  /// ` (3 left out, the first a.wav: no such file)`
  private static func reasons(of skipped: [Manifest.Skipped]) -> String {
    guard let first = skipped.first else { return "" }
    return " (\(skipped.count) left out, the first \(first.path): \(first.reason))"
  }
}

extension ProbeError {
  static func unscored(_ examples: ProbeExamples) -> ProbeError? {
    examples.classNames.first { !examples.metric.scores($0) }.map {
      .unscored(task: examples.task, metric: examples.metric.rawValue, className: $0)
    }
  }

  static func nothingToTell(_ examples: ProbeExamples) -> ProbeError {
    .nothingToTell(
      task: examples.task, examples: examples.examples.count, classes: examples.classNames.count)
  }
}
