import Kernels

extension Tensor {
  /// Softmax over the last axis: `y = exp(x - max x) / Σ exp(x - max x)`.
  ///
  /// - Returns: The same shape, of type `float32`; each row sums to 1. A row of `-inf` gives NaN.
  /// - Gradient: `dx = y ⊙ (dy - Σ dy ⊙ y)`; keeps `y`.
  public func softmax() -> Tensor {
    precondition(rank >= 1, "softmax: needs at least one axis, got shape \(shape)")
    if dtype == .bfloat16 { return cast(to: .float32).softmax() }
    let width = shape[rank - 1]
    let y = mappedRows { etude_softmax($0, $1, width, width) }
    return y.derived(
      from: edge { dy in
        let (from, out) = (dy.floats, y.floats)
        return .filled(y.shape) { dx in
          forEachRow(of: y.shape) { row in
            let start = row * width
            etude_softmax_gradient(dx + start, out + start, from + start, width)
          }
        }
      })
  }

  /// Applies a kernel `(y, x)` to every row along the last axis.
  private func mappedRows(
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
  ) -> Tensor {
    let width = shape[rank - 1]
    let x = floats
    return .filled(shape) { y in
      forEachRow(of: shape) { row in kernel(y + row * width, x + row * width) }
    }
  }
}

/// Runs `body` for every row along the last axis, cut over the cores.
func forEachRow(of shape: Shape, _ body: (Int) -> Void) {
  let width = max(1, shape[shape.rank - 1])
  Cores.parallel(shape.elementCount / width, grain: max(1, elementGrain / width)) { rows in
    for row in rows { body(row) }
  }
}
