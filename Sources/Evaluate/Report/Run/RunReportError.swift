import Settings

/// What keeps the report of a run from being made.
public enum RunReportError: Error, Equatable, CustomStringConvertible {
  /// A list of samples or measures is missing or damaged.
  case samples(path: String)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .samples(let path):
      "\(path): is missing or damaged; remove its folder, and the report shows an earlier step"
        .asOneLine
    }
  }
}
