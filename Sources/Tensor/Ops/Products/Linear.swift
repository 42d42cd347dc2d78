extension Tensor {
  /// `y = x Wᵀ + b` over the last axis: `[..., I] -> [..., O]` with `weight` `[O, I]`, `bias`
  /// `[O]`.
  ///
  /// The input is multiplied in its own type: a `bfloat16` input meets the weight in `bfloat16` and
  /// gives a `bfloat16` result. Sums are taken in float32. If all operands are untracked, the
  /// storage of the weight caches a packed copy.
  /// - Parameters:
  ///   - weight: `[O, I]`.
  ///   - bias: `[O]`.
  ///   - activating: Whether GELU follows. If all operands are untracked, GELU is part of the
  ///     product.
  /// - Gradient: `dx = dy W`, `dW = dyᵀ x`, `db = Σ dy`; keeps `x` and `W`.
  /// - Traps when: the widths differ.
  public func linear(weight: Tensor, bias: Tensor? = nil, activating: Bool = false) -> Tensor {
    precondition(
      rank >= 1 && weight.rank == 2 && shape.last == weight.shape[1],
      "linear: input \(shape) does not fit weight \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "linear: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
    let width = shape[rank - 1]
    let rows = elementCount / max(1, width)
    if !isTracked, !weight.isTracked, bias?.isTracked != true,
      let packed = weight.packed(inner: width, rows: rows, as: dtype)
    {
      return linear(packed, bias: bias?.operand(as: .float32), activating: activating)
    }
    let (input, w) = (kept(), weight.operand(as: dtype))
    let y = Tensor.product(
      detached().reshaped([rows, width]), w, false, true, bias: bias?.operand(as: .float32),
      into: dtype)
    let edges = [
      edge { [shape, dtype] dy in
        Tensor.product(dy.reshaped([rows, w.shape[0]]), w, false, false, into: dtype)
          .reshaped(shape)
      },
      weight.edge { [dtype = weight.dtype] dy in
        Tensor.product(
          dy.reshaped([rows, w.shape[0]]), input().reshaped([rows, width]), true, false,
          into: dtype)
      },
      bias?.edge { $0.reshaped([rows, w.shape[0]]).sum(axis: 0) },
    ]
    let result = y.reshaped(shape.replacing(axis: -1, with: w.shape[0])).derived(from: edges)
    return activating ? result.gelu() : result
  }

  private func linear(_ weight: PackedMatrix, bias: Tensor?, activating: Bool) -> Tensor {
    let (width, outputs) = (weight.inner, weight.columns)
    let (x, shift) = (reals, bias?.floats)
    return .filled(shape.replacing(axis: -1, with: outputs), dtype: dtype) { y in
      let cut = ProductCut(elementCount / width, outputs, width, along: .rows)
      Cores.forEach(cut.count) { piece in
        let rows = cut[piece].rows
        weight.product(
          rows.count, MatrixView(x + rows.lowerBound * width, stride: width),
          into: MatrixTarget(y + rows.lowerBound * outputs, stride: outputs), bias: shift,
          activating: activating)
      }
    }
  }
}
