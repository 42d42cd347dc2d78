/// An operand that an operation keeps for its gradient: either the value, or a closure that
/// computes it again where that is cheap.
///
/// An operand of a product is needed again for the gradient of the other operand. If it is the
/// result of GELU, whose own gradient keeps the input, then keeping the result too would double the
/// memory of the front end and of every feed-forward block. Computing it again costs about 1 % of a
/// step.
struct Kept: Sendable {
  private let compute: @Sendable () -> Tensor

  /// The value, untracked.
  func callAsFunction() -> Tensor { compute() }

  fileprivate init(_ compute: @escaping @Sendable () -> Tensor) { self.compute = compute }
}

extension Tensor {
  /// This tensor in the form that a gradient keeps.
  func kept() -> Kept {
    if let origin { return origin }
    let value = detached()
    return Kept { value }
  }

  /// This tracked result, marked so that `kept()` stores `compute` instead of the value. `compute`
  /// must return the same bits.
  func recomputable(by compute: @escaping @Sendable () -> Tensor) -> Tensor {
    guard isTracked else { return self }
    return Tensor(
      shape: shape, dtype: dtype, storage: storage, offset: offset, node: node,
      origin: Kept(compute))
  }
}
