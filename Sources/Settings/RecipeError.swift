/// The errors of recipes. Each description is one line with the place and a remedy.
public enum RecipeError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read: it is missing, a folder, too large, or not UTF-8.
  case unreadable(file: String, reason: String)
  /// The text is not YAML, or uses a feature of YAML that recipes do not support.
  case syntax(place: RecipePlace, reason: String)
  /// A setting has an unknown name, an invalid value or the wrong type.
  case setting(place: RecipePlace, path: String, reason: String)

  /// `recipes/x.yaml:7: encoder.haeds: no such setting; did you mean 'heads'?`
  public var description: String {
    let text =
      switch self {
      case .unreadable(let file, let reason): "\(file): \(reason)"
      case .syntax(let place, let reason): "\(place): \(reason)"
      case .setting(let place, "", let reason): "\(place): \(reason)"
      case .setting(.option, let path, let reason): "--set \(path): \(reason)"
      case .setting(let place, let path, let reason): "\(place): \(path): \(reason)"
      }
    // Names and values of a recipe may contain line breaks.
    return text.withoutControlCharacters
  }
}

/// The place where a setting is written.
public enum RecipePlace: Sendable, Equatable, CustomStringConvertible {
  /// A line of a recipe file, counted from 1.
  case line(file: String, Int)
  /// `--set path=value` on the command line, with the path.
  case option(String)
  /// The defaults of the Swift type.
  case defaults

  /// `recipes/x.yaml:7`, `--set mask.probability` or `defaults`.
  public var description: String {
    switch self {
    case .line(let file, let line): "\(file):\(line)"
    case .option(let path): "--set \(path)"
    case .defaults: "defaults"
    }
  }
}
