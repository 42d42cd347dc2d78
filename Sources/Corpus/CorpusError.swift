import Settings
import Tensor

/// The errors of a corpus folder. Each description is one line with the file and a remedy.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  /// The label file is missing or empty.
  case noLabels(file: String)
  /// The label file cannot be opened.
  case unreadable(file: String, reason: String)
  /// A line of the label file is invalid.
  case malformed(file: String, line: Int, reason: String)
  /// Two lines of the label file name the same audio file.
  case repeated(file: String, line: Int, name: String, first: Int)
  /// The output folder has files that do not belong to a corpus.
  case occupied(folder: String, by: String)
  /// The requested length is less than one piece.
  case tooShort(minutes: Double, pieceSeconds: Float)

  /// One line with a remedy.
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
      "\(folder): holds '\(name)', which is not part of a corpus; name an empty or new folder"
    case .tooShort(let minutes, let seconds):
      "a corpus of \(minutes) minutes holds no piece of \(seconds) s; ask for more minutes"
    }
  }
}
