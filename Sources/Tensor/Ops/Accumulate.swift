extension Tensor {
  /// Adds `other` in place: `self += other`.
  /// - Traps when: the shapes differ.
  public mutating func add(_ other: Tensor) {
    precondition(shape == other.shape, "add: shapes differ, \(shape) and \(other.shape)")
    update { y in
      other.read { x in for i in y.indices { y[i] += x[i] } }
    }
  }
}
