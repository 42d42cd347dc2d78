import Files
import Tensor

extension Module {
  /// All that makes the module what it is, parameters and buffers, each with its path, in the order of
  /// `visit`: what a checkpoint keeps and `load` takes.
  public var state: [(path: String, tensor: Tensor)] {
    var all: [(path: String, tensor: Tensor)] = []
    var copy = self
    copy.updateState { all.append(($0.path, $1)) }
    return all
  }

  /// Every buffer with its path, in the order of `visit`.
  public var buffers: [(path: String, tensor: Tensor)] {
    var all: [(path: String, tensor: Tensor)] = []
    var copy = self
    copy.updateState { if case .buffer(let path) = $0 { all.append((path, $1)) } }
    return all
  }

  /// A copy through which no gradient flows: a teacher, a frozen encoder.
  public func detached() -> Self {
    var copy = self
    copy.updateState { _, tensor in tensor = tensor.detached() }
    return copy
  }

  /// Replaces every parameter and buffer by the tensor of its path.
  ///
  /// - Throws: `ModelError.tensors` if one is missing, left over, or of another shape or type. The
  ///   module is unchanged then.
  public mutating func load(_ tensors: [String: Tensor]) throws(ModelError) {
    try check(tensors)
    updateState { place, tensor in tensor = tensors[place.path]!.detached() }
  }

  private func check(_ tensors: [String: Tensor]) throws(ModelError) {
    let expected = state
    let missing = expected.map(\.path).filter { tensors[$0] == nil }
    guard missing.isEmpty else {
      throw .tensors("the model needs \(ellipsis(missing)), which the file does not hold")
    }
    let unknown = Set(tensors.keys).subtracting(expected.map(\.path)).sorted()
    guard unknown.isEmpty else {
      throw .tensors("the model has no place for \(ellipsis(unknown)) of the file")
    }
    for (path, tensor) in expected {
      let given = tensors[path]!
      guard given.shape == tensor.shape, given.dtype == tensor.dtype else {
        throw .tensors(
          "'\(path)' is \(given.dtype) \(given.shape) in the file, the model's configuration "
            + "makes it \(tensor.dtype) \(tensor.shape)")
      }
    }
  }
}
