import Settings
import Tensor

/// The errors of feature stores. Each description is one line with the store and a remedy.
public enum FeatureStoreError: Error, Equatable, CustomStringConvertible {
  /// There is no store at the path.
  case missing(path: String)
  /// The file is not a feature store, or is damaged.
  case damaged(path: String, reason: String)
  /// The store was written by another version of the format.
  case wrongVersion(path: String, found: Int)
  /// The store holds features of another kind or rate.
  case wrongFormat(path: String, stored: FeatureFormat, wanted: FeatureFormat)
  /// The store has no features of this file.
  case unknownFile(path: String, file: String)
  /// The audio changed after its features were computed.
  case changedAudio(path: String, file: String)
  /// The store holds no files.
  case empty(path: String)
  /// The manifest lists a file twice.
  case duplicate(path: String, file: String)
  /// A feature of a file is NaN or infinite.
  case notFinite(path: String, file: String, element: String)

  /// One line with the store, the file and a remedy.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .missing(let path): "\(path): no such feature store; make it with 'etude features'"
    case .damaged(let path, let reason):
      "\(path): \(reason); remove it and run 'etude features' again"
    case .wrongVersion(let path, let found):
      "\(path): feature format \(found), this Etude reads \(FeatureStore.version); "
        + "remove it and run 'etude features' again"
    case .wrongFormat(let path, let stored, let wanted):
      "\(path): holds \(stored), wanted is \(wanted); "
        + "run 'etude features \(wanted.kind.rawValue)' into another file"
    case .unknownFile(let path, let file):
      "\(path): no features of '\(file)'; add them with 'etude features' or take it out of the manifest"
    case .changedAudio(let path, let file):
      "\(path): '\(file)' changed after its features were computed; run 'etude features' again, "
        + "which computes what changed"
    case .empty(let path): "\(path): holds no features; remove it and run 'etude features' again"
    case .duplicate(let path, let file): "\(path): the manifest names '\(file)' twice"
    case .notFinite(let path, let file, let element):
      "\(path): the features of '\(file)' hold \(element) of [frames, channels]; check its samples, and run "
        + "'etude features' again into another file"
    }
  }
}
