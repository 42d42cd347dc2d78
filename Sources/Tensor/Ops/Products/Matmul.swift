extension Tensor {
  /// The matrix product `op(A) op(B)`, where `op` transposes if the parameter is true: `[M, K]` and
  /// `[K, N] -> [M, N]`, or a stack of matrices, `[S, M, K]` and `[S, K, N] -> [S, M, N]`.
  ///
  /// Sums are taken in float32. The right operand is converted to the type of the left one.
  /// - Gradient: `dA = dY op(B)ᵀ`, `dB = op(A)ᵀ dY`, each transposed if its operand is; keeps both
  ///   operands.
  /// - Traps when: the inner lengths or the stacks differ.
  public func matmul(
    _ other: Tensor, transposingLeft: Bool = false, transposingRight: Bool = false
  ) -> Tensor {
    let (a, b) = (detached(), other.operand(as: dtype))
    let y = Tensor.product(a, b, transposingLeft, transposingRight, into: dtype)
    return y.derived(
      from: edge { [dtype] dy in
        transposingLeft
          ? Tensor.product(b, dy, transposingRight, true, into: dtype)
          : Tensor.product(dy, b, false, !transposingRight, into: dtype)
      },
      other.edge { [dtype = other.dtype] dy in
        transposingRight
          ? Tensor.product(dy, a, true, transposingLeft, into: dtype)
          : Tensor.product(a, dy, !transposingLeft, false, into: dtype)
      })
  }

  /// The product, untracked, in the type of the operands or in `float32`.
  static func product(
    _ a: Tensor, _ b: Tensor, _ left: Bool, _ right: Bool, bias: Tensor? = nil, into dtype: DType
  ) -> Tensor {
    precondition(
      a.rank == b.rank && (a.rank == 2 || (a.rank == 3 && a.shape[0] == b.shape[0])),
      "matmul: needs two matrices or equal stacks of them, got \(a.shape) × \(b.shape)")
    let (m, k) =
      left
      ? (a.shape[-1 + a.rank], a.shape[a.rank - 2]) : (a.shape[a.rank - 2], a.shape[a.rank - 1])
    let (inner, n) =
      right
      ? (b.shape[b.rank - 1], b.shape[b.rank - 2]) : (b.shape[b.rank - 2], b.shape[b.rank - 1])
    precondition(k == inner, "matmul: inner dimensions differ, \(a.shape) × \(b.shape)")
    let stack = a.rank == 3 ? a.shape[0] : 1
    let (x, w, bias) = (a.reals, b.reals, bias?.floats)
    return .filled(Shape(a.shape.dropLast(2) + [m, n]), dtype: dtype) { y in
      Products.parallel(stack, m, n, k) { i in
        ProductOperands(
          a: MatrixView(x + i * m * k, stride: left ? m : k, transposed: left),
          b: MatrixView(w + i * k * n, stride: right ? k : n, transposed: right),
          c: MatrixTarget(y + i * m * n, stride: n), bias: bias)
      }
    }
  }
}
