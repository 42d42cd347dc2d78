import Kernels

extension Tensor {
  /// `layerNorm(x + dropout(branch))` in one pass over memory: the end of a block of a post-norm
  /// transformer. Sum and result have the type of the input; statistics and arithmetic are float32.
  ///
  /// - Parameters:
  ///   - branch: The output of the block, of this tensor's shape, `[B, ..., D]`.
  ///   - mask: The dropout of `branch`. Nil: none.
  ///   - weight: `[D]`
  ///   - bias: `[D]`
  ///   - epsilon: Added to the variance.
  /// - Gradient: keeps the sum, and the mean and reciprocal deviation of its rows; the mask is
  ///   drawn again.
  /// - Traps when: the shapes or types differ, or the number of sample numbers of the mask is not
  ///   the length of the first axis.
  public func layerNorm(
    adding branch: Tensor, dropout mask: DropoutMask? = nil, weight: Tensor, bias: Tensor,
    epsilon: Float = 1e-5
  ) -> Tensor {
    precondition(
      rank >= 2 && branch.shape == shape && branch.dtype == dtype,
      "layerNorm: a branch \(branch.shape) of \(branch.dtype) does not fit \(shape) of \(dtype)")
    precondition(
      weight.shape == [shape[rank - 1]] && bias.shape == weight.shape,
      "layerNorm: weight \(weight.shape) and bias \(bias.shape) do not fit \(shape)")
    precondition(
      mask.map { $0.samples.count == shape[0] } ?? true,
      "layerNorm: \(mask?.samples.count ?? 0) sample numbers do not fit shape \(shape)")
    let sum = ResidualSum(x: detached(), branch: branch.detached(), mask: mask)
    let norm = RowNormalization(
      x: Tensor(uninitialized: shape, dtype: dtype), weight: weight.detached(),
      width: shape[rank - 1])
    let y = norm.forward(bias: bias, epsilon: epsilon, writing: sum.write)
    let joint = JointPullback(norm.backward)
    return y.derived(
      from: edge { joint($0).input },
      branch.edge { dy in mask.map { joint(dy).input.dropped($0) } ?? joint(dy).input },
      weight.edge { joint($0).weight }, bias.edge { joint($0).bias })
  }
}

/// `x + dropout(branch)`, computed a row at a time.
private struct ResidualSum {
  let x: Tensor
  let branch: Tensor
  let mask: DropoutMask?

  /// Writes the row of `sum` that begins with element `start`.
  func write(_ start: Int, _ width: Int, into sum: MutableReals) {
    let (sample, first) = start.quotientAndRemainder(dividingBy: x.elementCount / x.shape[0])
    // A mask is drawn in whole runs, so the row begins `lead` elements after the start of a run.
    let lead = first % DropoutMask.run
    withUnsafeTemporaryAllocation(of: Float.self, capacity: lead + 2 * width) { room in
      let (run, other) = (room.baseAddress!, room.baseAddress! + lead + width)
      run.update(repeating: 0, count: lead)
      let row = branch.reals.floats(start, width, buffer: run + lead)
      if row != UnsafePointer(run + lead) { (run + lead).update(from: row, count: width) }
      mask?.apply(run, run, first: first - lead, count: lead + width, sample: sample)
      let place = sum.place(start, buffer: run + lead)
      etude_add(place, x.reals.floats(start, width, buffer: other), run + lead, width)
      sum.store(start, width, buffer: run + lead)
    }
  }
}
