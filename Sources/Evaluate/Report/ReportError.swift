/// Why a report could not be made or written.
public enum ReportError: Error, CustomStringConvertible {
  /// The folder cannot be made or written into.
  case unwritable(folder: String, why: String)
  /// A run's log cannot be read, or one of its lines makes no sense.
  case unreadableLog(file: String, line: Int?, why: String)

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .unwritable(let folder, let why):
      "\(folder): the report could not be written (\(why)); choose another folder with --out"
    case .unreadableLog(let file, let line, let why):
      "\(file)\(line.map { ":\($0)" } ?? ""): not a run's log (\(why)); "
        + "mend or remove the line, or train the run again"
    }
  }
}
