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
    checkNorm("layerNorm", of: branch, mask, weight, bias)
    let (_, y, joint) = normalized(adding: branch, mask, weight, bias, epsilon)
    return y.derived(
      from: edge { joint($0).input },
      branch.edge { joint($0).input.dropped(mask) },
      weight.edge { joint($0).weight }, bias.edge { joint($0).bias })
  }

  /// `s = x + dropout(branch)` and `layerNorm(s)` in one pass over memory: the end of a block of a pre-norm
  /// transformer and the norm before the next block. Both have the type of the input; statistics and
  /// arithmetic are float32.
  ///
  /// - Parameters:
  ///   - branch: The output of the block, of this tensor's shape, `[B, ..., D]`.
  ///   - mask: The dropout of `branch`. Nil: none.
  ///   - weight: `[D]`
  ///   - bias: `[D]`
  ///   - epsilon: Added to the variance.
  /// - Gradient: `dx = ds` and `dbranch = ds ⊙ mask / (1 - p)`, where `ds` is the gradient of the sum and what
  ///   the norm's gradient adds to it. Keeps the sum, and the mean and reciprocal deviation of its rows; the
  ///   mask is drawn again.
  /// - Traps when: the shapes or types differ, or the number of sample numbers of the mask is not
  ///   the length of the first axis.
  public func sumAndLayerNorm(
    adding branch: Tensor, dropout mask: DropoutMask? = nil, weight: Tensor, bias: Tensor,
    epsilon: Float = 1e-5
  ) -> (sum: Tensor, norm: Tensor) {
    checkNorm("sumAndLayerNorm", of: branch, mask, weight, bias)
    let (plain, y, joint) = normalized(adding: branch, mask, weight, bias, epsilon)
    let sum = plain.derived(from: edge { $0 }, branch.edge { $0.dropped(mask) })
    let norm = y.derived(
      from: sum.edge { joint($0).input }, weight.edge { joint($0).weight },
      bias.edge { joint($0).bias })
    return (sum, norm)
  }

  /// `x + dropout(branch)` in one pass over memory. The sum has the type of the input; arithmetic is float32.
  ///
  /// - Parameters:
  ///   - branch: Of this tensor's shape, `[B, ..., D]`.
  ///   - mask: The dropout of `branch`. Nil: none.
  /// - Gradient: `dx = dy`, `dbranch = dy ⊙ mask / (1 - p)`; keeps nothing.
  /// - Traps when: the shapes or types differ, or the number of sample numbers of the mask is not
  ///   the length of the first axis.
  public func adding(_ branch: Tensor, dropout mask: DropoutMask? = nil) -> Tensor {
    checkSum("adding", of: branch, mask)
    let sum = ResidualSum(x: detached(), branch: branch.detached(), mask: mask)
    let (width, rows) = (shape[rank - 1], shape.dropLast().reduce(1, *))
    return Tensor.filled(shape, dtype: dtype) { y in
      forEachRow(rows, width: width, buffers: 0) { row, _ in sum.write(row * width, width, into: y)
      }
    }.derived(from: edge { $0 }, branch.edge { $0.dropped(mask) })
  }

  /// The sum, its norm and the norm's gradients, untracked.
  private func normalized(
    adding branch: Tensor, _ mask: DropoutMask?, _ weight: Tensor, _ bias: Tensor, _ epsilon: Float
  ) -> (
    sum: Tensor, norm: Tensor, JointPullback<(input: Tensor, weight: Tensor, bias: Tensor)>
  ) {
    let sum = ResidualSum(x: detached(), branch: branch.detached(), mask: mask)
    let norm = RowNormalization(
      x: Tensor(uninitialized: shape, dtype: dtype), weight: weight.detached(),
      width: shape[rank - 1])
    let y = norm.forward(bias: bias, epsilon: epsilon, writing: sum.write)
    return (norm.x, y, JointPullback(norm.backward))
  }

  private func checkNorm(
    _ op: String, of branch: Tensor, _ mask: DropoutMask?, _ weight: Tensor, _ bias: Tensor
  ) {
    checkSum(op, of: branch, mask)
    precondition(
      weight.shape == [shape[rank - 1]] && bias.shape == weight.shape,
      "\(op): weight \(weight.shape) and bias \(bias.shape) do not fit \(shape)")
  }

  private func checkSum(_ op: String, of branch: Tensor, _ mask: DropoutMask?) {
    precondition(
      rank >= 2 && branch.shape == shape && branch.dtype == dtype,
      "\(op): a branch \(branch.shape) of \(branch.dtype) does not fit \(shape) of \(dtype)")
    precondition(
      mask.map { $0.samples.count == shape[0] } ?? true,
      "\(op): \(mask?.samples.count ?? 0) sample numbers do not fit shape \(shape)")
  }

  /// A gradient through the dropout of `mask`.
  private func dropped(_ mask: DropoutMask?) -> Tensor { mask.map { dropped($0) } ?? self }
}

/// `x + dropout(branch)`, computed a row at a time.
private struct ResidualSum {
  let x: Tensor
  let branch: Tensor
  let mask: DropoutMask?

  /// Writes the row of `sum` that begins with element `start`.
  func write(_ start: Int, _ width: Int, into sum: MutableReals) {
    var (sample, first) = start.quotientAndRemainder(dividingBy: x.elementCount / x.shape[0])
    if let frames = mask?.frames { first += frames[sample] * width }
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
