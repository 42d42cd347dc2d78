extension Tensor {
  /// A part of a computation that keeps nothing but its inputs: all between is computed again when the
  /// gradient passes through it. Same value, same gradients, bit for bit.
  ///
  /// - Parameters:
  ///   - inputs: All that gradients are to flow to, parameters included.
  ///   - compute: The value, from plain inputs.
  ///   - again: The same from tracked inputs, in the backward pass; what is random in it must be drawn
  ///     as before.
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
