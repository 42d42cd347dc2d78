extension Tensor {
  /// The matrix product `op(A) op(B)`, `op` a transposition if asked for: `[M, K]` and
  /// `[K, N] -> [M, N]`, or a stack of them, `[S, M, K]` and `[S, K, N] -> [S, M, N]`.
  ///
  /// - Gradient: `dA = dY op(B)ᵀ`, `dB = op(A)ᵀ dY`, transposed back; keeps both.
  /// - Traps when: the inner lengths or the stacks differ.
  public func matmul(
    _ other: Tensor, transposingLeft: Bool = false, transposingRight: Bool = false
  ) -> Tensor {
    let (a, b) = (detached(), other.detached())
    let y = Tensor.product(a, b, transposingLeft, transposingRight)
    return y.derived(
      from: edge { dy in
        transposingLeft
          ? b.matmul(dy, transposingLeft: transposingRight, transposingRight: true)
          : dy.matmul(b, transposingRight: !transposingRight)
      },
      other.edge { dy in
        transposingRight
          ? dy.matmul(a, transposingLeft: true, transposingRight: transposingLeft)
          : a.matmul(dy, transposingLeft: !transposingLeft)
      })
  }

  private static func product(_ a: Tensor, _ b: Tensor, _ left: Bool, _ right: Bool) -> Tensor {
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
    let (x, w) = (a.floats, b.floats)
    return .filled(Shape(a.shape.dropLast(2) + [m, n])) { y in
      forEachSample(stack) { i, product in
        product(
          m, n, k,
          MatrixView(base: x + i * m * k, stride: left ? m : k, transposed: left),
          MatrixView(base: w + i * k * n, stride: right ? k : n, transposed: right),
          y + i * m * n, n)
      }
    }
  }
}

/// A product `(m, n, k, A, B, C, stride of C)`.
typealias Product = (
  Int, Int, Int, MatrixView, MatrixView, UnsafeMutablePointer<Float>, Int
) -> Void

/// Runs `body` for each sample: samples side by side when there are enough for all cores, else one
/// after the other with the cores inside each product.
func forEachSample(_ count: Int, _ body: (_ sample: Int, _ product: Product) -> Void) {
  if count >= Cores.count {
    Cores.forEach(count) { i in
      body(i) { Products.serial($0, $1, $2, $3, $4, into: $5, stride: $6) }
    }
  } else {
    for i in 0..<count {
      body(i) { Products.parallel($0, $1, $2, $3, $4, into: $5, stride: $6) }
    }
  }
}
