/// A Python function or class that a pickle names. None is ever called: the few that build tensors
/// are implemented in Swift.
struct PickleGlobal: Hashable, CustomStringConvertible {
  var module: String
  var name: String

  var description: String { "\(module).\(name)" }

  /// The meaning of a name.
  enum Role {
    case orderedDictionary
    /// Builds a tensor from storage, shape and strides.
    case rebuildTensor
    /// Builds a trainable parameter, which is read as its tensor.
    case rebuildParameter
    case storage(TorchStorage.Element)
    /// Kept as its name with its arguments.
    case inert
  }

  /// - Throws: If the name is not one of those in checkpoints.
  func role() throws(TorchProblem) -> Role {
    switch (module, name) {
    case ("collections", "OrderedDict"): return .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): return .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): return .rebuildParameter
    case ("torch", _) where name.hasSuffix("Storage"):
      guard let element = TorchStorage.Element(rawValue: String(name.dropLast(7))) else { break }
      return .storage(element)
    default: if isInert { return .inert }
    }
    throw TorchProblem(
      text: "it names \(printable), which is not one of a checkpoint's types and is not run here")
  }

  private var isInert: Bool {
    // A name with a dot would reach into the imports of the module.
    guard !name.contains(".") else { return false }
    if Self.inert[module]?.contains(name) == true { return true }
    let package = module.prefix { $0 != "." }
    return Self.inertPackages.contains(String(package))
  }

  /// The packages whose classes are in fairseq's checkpoints as settings and task states.
  private static let inertPackages: Set = ["omegaconf", "fairseq", "mert_fairseq", "examples"]

  private static let builtins: Set = [
    "set", "frozenset", "list", "dict", "tuple", "int", "float", "bool", "str", "bytes",
    "bytearray", "complex", "slice", "range", "object",
  ]
  private static let dtypes: Set = [
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool",
  ]
  private static let inert: [String: Set<String>] = [
    "argparse": ["Namespace"],
    "builtins": builtins, "__builtin__": builtins,
    "collections": ["defaultdict", "Counter", "deque"],
    "copyreg": ["_reconstructor"], "copy_reg": ["_reconstructor"],
    "_codecs": ["encode"],
    "datetime": ["date", "datetime", "time", "timedelta"],
    "pathlib": ["Path", "PosixPath", "PurePosixPath"],
    "typing": ["Any", "Dict", "List", "Optional", "Tuple", "Union"],
    "numpy": ["dtype", "ndarray", "float32", "float64", "int64"],
    "numpy.core.multiarray": ["scalar", "_reconstruct"],
    "numpy._core.multiarray": ["scalar", "_reconstruct"],
    "torch": dtypes.union(["Size", "device", "dtype"]),
  ]

  /// The name for the line of an error message.
  private var printable: String {
    String("\(description)".prefix(100).map { $0.isNewline || $0 == "\0" ? "?" : $0 })
  }
}
