import Settings
import Tensor

/// What can go wrong with the folder of a built-in corpus.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  /// The labels are missing or empty.
  case noLabels(file: String)
  /// The labels cannot be opened.
  case unreadable(file: String, reason: String)
  /// A line of the labels cannot be read.
  case malformed(file: String, line: Int, reason: String)
  /// A line of the labels names the file of an earlier line.
  case repeated(file: String, line: Int, name: String, first: Int)
  /// The output folder holds files that are no corpus.
  case occupied(folder: String, by: String)
  /// Less than one piece was asked for.
  case tooShort(minutes: Double)

  /// One line that says what to do.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .noLabels(let file):
      "\(file): no labels there; render a corpus with 'etude synth --out DIR'"
    case .unreadable(let file, let reason): "\(file): \(reason)"
    case .malformed(let file, let line, let reason):
      "\(file):\(line): \(reason); correct the line, or render the corpus again with 'etude synth'"
    case .repeated(let file, let line, let name, let first):
      "\(file):\(line): '\(name)' is the file of line \(first) already; remove one of the two lines"
    case .occupied(let folder, let name):
      "\(folder): holds '\(name)', which is no part of a corpus; name an empty or new folder"
    case .tooShort(let minutes):
      "a corpus of \(minutes) minutes holds no piece; ask for 0.14 minutes (8 s) or more"
    }
  }
}
