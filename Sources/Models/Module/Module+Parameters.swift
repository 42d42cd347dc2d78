import Tensor

extension Module {
  /// Every parameter with its path, in the order of `visit`.
  public var parameters: [(path: String, tensor: Tensor)] {
    var all: [(path: String, tensor: Tensor)] = []
    forEachParameter { all.append(($0.path, $1)) }
    return all
  }

  /// How many numbers the module learns.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.elementCount } }

  /// Calls `body` with every parameter and where it stands, in the order of `visit`.
  public func forEachParameter<Failure: Error>(
    _ body: (_ place: ParameterPlace, _ tensor: Tensor) throws(Failure) -> Void
  ) throws(Failure) {
    var copy = self
    try copy.update { place, tensor throws(Failure) in try body(place, tensor) }
  }

  /// Calls `body` with every parameter in place.
  public mutating func update<Failure: Error>(
    _ body: (_ place: ParameterPlace, _ tensor: inout Tensor) throws(Failure) -> Void
  ) throws(Failure) {
    try updateState { place, tensor throws(Failure) in
      if case .parameter(let place) = place { try body(place, &tensor) }
    }
  }

  /// Calls `body` with every parameter in place and the same parameter of `other`, and takes the
  /// buffers of `other`: what a moving average needs.
  ///
  /// - Traps when: the two differ in a path or shape, because their configurations do.
  public mutating func update(
    with other: Self,
    _ body: (_ place: ParameterPlace, _ tensor: inout Tensor, _ other: Tensor) -> Void
  ) {
    var theirs = other.state.makeIterator()
    updateState { place, tensor in
      let (path, otherTensor) = theirs.next() ?? ("nothing", .zeros([0]))
      precondition(
        place.path == path && tensor.shape == otherTensor.shape,
        "update: \(place.path) \(tensor.shape) meets \(path) \(otherTensor.shape)")
      switch place {
      case .parameter(let place): body(place, &tensor, otherTensor)
      case .buffer: tensor = otherTensor.detached()
      }
    }
    precondition(theirs.next() == nil, "update: the other module has more tensors")
  }
}

extension Module {
  /// Makes parameters leaves, so that `loss.gradients()[parameter]` finds their gradients.
  ///
  /// ```swift
  /// model.trackGradients { $0.part != .frontEnd }
  /// ```
  /// - Parameter isTrained: Which; all unless given. The others are frozen.
  public mutating func trackGradients(
    where isTrained: (ParameterPlace) -> Bool = { _ in true }
  ) {
    update { place, tensor in
      tensor = isTrained(place) ? tensor.detached().tracked() : tensor.detached()
    }
  }

  /// Makes every parameter a constant again: it has no gradient, and no optimiser changes it.
  ///
  /// ```swift
  /// encoder.trackGradients()
  /// for i in 0..<3 { encoder.transformer.layers[i].freeze() }
  /// ```
  public mutating func freeze() { trackGradients { _ in false } }
}
