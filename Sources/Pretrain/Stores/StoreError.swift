import Settings
import Tensor

/// What can go wrong with any file that is read or written here. Each reads as one line that names
/// the file.
public enum StoreError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be read.
  case unreadable(path: String, reason: String)
  /// HDF5 does not write a file, though the system would let it.
  case unwritable(path: String, reason: String)
  /// The name of a file for arrays says nothing of its format.
  case unknownFormat(path: String)
  /// Several arrays for a file that can hold one.
  case severalArrays(path: String, count: Int)

  /// The path, a colon, the reason, and what to do.
  public var description: String { text.asOneLine }

  private var text: String {
    switch self {
    case .unreadable(let path, let reason), .unwritable(let path, let reason): "\(path): \(reason)"
    case .unknownFormat(let path):
      "\(path): the name does not tell the format; end it in .safetensors, .npy or .h5"
    case .severalArrays(let path, let count):
      "\(path): a .npy file holds one array and there are \(count); "
        + "end the name in .safetensors or .h5"
    }
  }
}
