import Files
import Tensor

extension Module {
  /// Every parameter with its path, in the order of `visit`.
  public var parameters: [(path: String, tensor: Tensor)] {
    var all: [(path: String, tensor: Tensor)] = []
    var copy = self
    copy.update { all.append(($0, $1)) }
    return all
  }

  /// How many numbers the module learns.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.elementCount } }

  /// Calls `body` with every parameter in place.
  public mutating func update<Failure: Error>(
    _ body: (_ path: String, _ tensor: inout Tensor) throws(Failure) -> Void
  ) throws(Failure) {
    let failure = withoutActuallyEscaping(body) { body in
      var visitor = PathVisitor(body)
      visit(&visitor)
      return visitor.failure
    }
    if let failure { throw failure }
  }

  /// Calls `body` with every parameter in place and the same parameter of `other`: what a moving
  /// average needs.
  ///
  /// - Traps when: the two differ in a path or shape, because their configurations do.
  public mutating func update(
    with other: Self, _ body: (_ path: String, _ tensor: inout Tensor, _ other: Tensor) -> Void
  ) {
    var theirs = other.parameters.makeIterator()
    update { path, tensor in
      let (otherPath, otherTensor) = theirs.next() ?? ("nothing", .zeros([0]))
      precondition(
        path == otherPath && tensor.shape == otherTensor.shape,
        "update: \(path) \(tensor.shape) meets \(otherPath) \(otherTensor.shape)")
      body(path, &tensor, otherTensor)
    }
    precondition(theirs.next() == nil, "update: the other module has more parameters")
  }

  /// Makes every parameter a leaf, so that `loss.gradients()[parameter]` finds its gradient.
  public mutating func trackGradients() {
    update { _, tensor in tensor = tensor.detached().tracked() }
  }

  /// A copy through which no gradient flows: a teacher, a frozen encoder.
  public func detached() -> Self {
    var copy = self
    copy.update { _, tensor in tensor = tensor.detached() }
    return copy
  }

  /// Replaces every parameter by the tensor of its path.
  ///
  /// - Throws: `ModelError.tensors` if one is missing, left over, or of another shape or type. The
  ///   module is unchanged then.
  public mutating func load(_ tensors: [String: Tensor]) throws(ModelError) {
    try check(tensors)
    update { path, tensor in tensor = tensors[path]!.detached() }
  }

  private func check(_ tensors: [String: Tensor]) throws(ModelError) {
    let expected = parameters
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
