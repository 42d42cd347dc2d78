import Settings
import Tensor

/// What is wrong with a file or a setting, in one line with the remedy.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be read or written as what it should be.
  case file(String, problem: String)
  /// The tensors at hand are not those of the model.
  case tensors(String)
  /// A setting of a model that cannot be built: `encoder.heads`, and why.
  case setting(String, problem: String)
  /// A waveform that the model cannot take.
  case waveform(String)

  /// One line: the file or setting, the problem, the remedy.
  public var description: String {
    let text =
      switch self {
      case .file(let path, let problem): "\(path): \(problem)"
      case .tensors(let problem), .waveform(let problem): problem
      case .setting(let name, let problem): "\(name): \(problem)"
      }
    return text.asOneLine
  }
}
