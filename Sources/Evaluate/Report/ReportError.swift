/// Why a report could not be written.
public enum ReportError: Error, CustomStringConvertible {
  /// The folder cannot be made or written into.
  case unwritable(folder: String, why: String)

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .unwritable(let folder, let why):
      "\(folder): the report could not be written (\(why)); choose another folder with --out"
    }
  }
}
