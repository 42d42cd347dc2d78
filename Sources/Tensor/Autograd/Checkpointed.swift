extension Tensor {
  /// A part of a computation that keeps only its inputs for the backward pass. Everything between
  /// inputs and result is computed again when the gradient passes through it. Value and gradients
  /// are the same, bit for bit.
  ///
  /// - Parameters:
  ///   - inputs: Every tensor that needs a gradient, parameters included.
  ///   - compute: Computes the value from untracked inputs.
  ///   - again: Computes the same value from tracked inputs, in the backward pass. It must make the
  ///     same random draws as `compute`.
  /// - Source: Chen et al. 2016, "Training deep nets with sublinear memory cost".
  public static func checkpointed(
    _ inputs: [Tensor], computing compute: ([Tensor]) -> Tensor,
    again: @escaping ([Tensor]) -> Tensor
  ) -> Tensor {
    let plain = inputs.map { $0.detached() }
    let isTracked = inputs.map(\.isTracked)
    let joint = JointPullback<[Tensor?]> { dy in
      let leaves = zip(plain, isTracked).map { $1 ? $0.tracked() : $0 }
      let gradients = again(leaves).gradients(along: dy)
      return leaves.map { gradients[$0] }
    }
    return compute(plain).detached().derived(
      from: inputs.enumerated().map { i, input in
        input.edge { [shape = input.shape] in joint($0)[i] ?? .zeros(shape) }
      })
  }
}
