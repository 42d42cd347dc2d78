/// An operand as an operation keeps it for its gradient: the value, or how to compute it again where
/// that is cheap.
///
/// What enters a product is needed once more, for the gradient of the other operand. If it came out
/// of GELU, whose own gradient keeps the input, then keeping it too would double the memory of the
/// front end and of every feed-forward block; computing it again costs about 1 % of a step.
struct Kept: Sendable {
  private let compute: @Sendable () -> Tensor

  /// The value without a history.
  func callAsFunction() -> Tensor { compute() }

  fileprivate init(_ compute: @escaping @Sendable () -> Tensor) { self.compute = compute }
}

extension Tensor {
  /// This tensor to be kept for a gradient.
  func kept() -> Kept {
    if let origin { return origin }
    let value = detached()
    return Kept { value }
  }

  /// This tracked result, and that whoever wants to keep it may call `compute` for the same bits.
  func recomputable(by compute: @escaping @Sendable () -> Tensor) -> Tensor {
    guard isTracked else { return self }
    return Tensor(
      shape: shape, dtype: dtype, storage: storage, offset: offset, node: node,
      origin: Kept(compute))
  }
}
