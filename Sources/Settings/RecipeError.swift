/// What can be wrong with a recipe. Each case reads as one line that says where and what to do.
public enum RecipeError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read at all: missing, a folder, too large, not UTF-8.
  case unreadable(file: String, reason: String)
  /// The text is not YAML, or YAML of a kind that recipes do not use.
  case syntax(place: RecipePlace, reason: String)
  /// One setting has no such name, no such value, or the wrong type.
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
    // Names and values that a recipe chose may break a line.
    return text.withoutControlCharacters
  }
}

/// Where a setting was written.
public enum RecipePlace: Sendable, Equatable, CustomStringConvertible {
  /// A line, from 1, of a recipe file.
  case line(file: String, Int)
  /// `--set path=value` on the command line; holds the path.
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
