extension Tensor {
  /// The matrix product `op(A) op(B)`, `op` a transposition if asked for: `[M, K]` and
  /// `[K, N] -> [M, N]`, or a stack of them, `[S, M, K]` and `[S, K, N] -> [S, M, N]`.
  ///
  /// Sums are taken in float32. An operand that is not of the left one's type is converted to it.
  /// - Gradient: `dA = dY op(B)ᵀ`, `dB = op(A)ᵀ dY`, transposed back; keeps both.
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

  /// The product without a history, into numbers of the operands' type or of `float32`.
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
      forEachSample(stack) { i, product in
        product(
          m, n, k,
          MatrixView(x + i * m * k, stride: left ? m : k, transposed: left),
          MatrixView(w + i * k * n, stride: right ? k : n, transposed: right),
          MatrixTarget(y + i * m * n, stride: n), bias)
      }
    }
  }
}

/// A product `(m, n, k, A, B, C, bias)`.
typealias Product = (
  Int, Int, Int, MatrixView, MatrixView, MatrixTarget, UnsafePointer<Float>?
) -> Void

/// Runs `body` for each sample: samples side by side when there are enough for all cores, else one
/// after the other with the cores inside each product.
func forEachSample(_ count: Int, _ body: (_ sample: Int, _ product: Product) -> Void) {
  if count >= Cores.count {
    Cores.forEach(count) { i in
      body(i) { Products.serial($0, $1, $2, $3, $4, into: $5, bias: $6) }
    }
  } else {
    for i in 0..<count {
      body(i) { Products.parallel($0, $1, $2, $3, $4, into: $5, bias: $6) }
    }
  }
}
