import Settings
import Tensor

/// What can be wrong with codes that another program wrote. Each case reads as one line that names the
/// file, and the line or row in it, from 1.
public enum CodeFileError: Error, Equatable, CustomStringConvertible {
  /// There are no such files, or they cannot be listed.
  case missing(String, reason: String)
  /// There is not one line for each file of the collection.
  case count(String, lines: Int, files: Int, manifest: String)
  /// A word that is no code.
  case word(String, line: Int, text: String)
  /// A code that is none of the codebook's.
  case range(String, line: Int, code: Int, size: Int)
  /// All codes are four too high: the numbers of fairseq's dictionary instead of the codes.
  case shifted(String, line: Int, code: Int, size: Int)
  /// The codes of a file do not last as long as its audio.
  case length(String, line: Int, file: String, codes: Int, frames: Int)
  /// The codebooks disagree about a file's length.
  case uneven(String, line: Int, codes: Int, other: String, otherCodes: Int)
  /// A file of the collection is none of those that were coded.
  case unknownFile(String, file: String)

  /// The file, the line, the problem and the remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .missing(let path, let reason): "\(path): \(reason)"
    case .count(let path, let lines, let files, let manifest):
      "\(path): \(lines) lines of codes for the \(files) files of \(manifest); name the manifest that "
        + "the codes were made from in teacher.rvq.manifest"
    case .word(let path, let line, let text):
      "\(path):\(line): '\(text)' is no code; a line holds whole numbers with spaces between them"
    case .range(let path, let line, let code, let size):
      "\(path):\(line): code \(code) is not one of 0 to \(size - 1); is teacher.rvq.codes right?"
    case .shifted(let path, let line, let code, let size):
      "\(path):\(line): code \(code) is not one of 0 to \(size - 1), and no code is below 4: these are "
        + "the numbers of fairseq's dictionary, which are four higher; subtract 4 from each"
    case .length(let path, let line, let file, let codes, let frames):
      "\(path):\(line): \(codes) codes for the \(frames) frames of '\(file)'; is it the line of another "
        + "file, or teacher.rvq.labelRate wrong?"
    case .uneven(let path, let line, let codes, let other, let otherCodes):
      "\(path):\(line): \(codes) codes, \(otherCodes) in \(other); the files are of different makes"
    case .unknownFile(let manifest, let file):
      "\(manifest): has no '\(file)', so there are no codes for it; code it, or take it out of the data"
    }
  }
}
