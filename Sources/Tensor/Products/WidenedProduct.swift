import Kernels

/// Products of `bfloat16` operands on CPUs without such instructions: both operands are copied to
/// floats, once for a product however many pieces it is cut into, and the sums are rounded when
/// they are written.
extension Products {
  /// Calls `body` with the operands as floats.
  static func widening(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    _ body: (_ a: MatrixView, _ b: MatrixView) -> Void
  ) {
    let (left, right) = (a.widened(rows: m, columns: k), b.widened(rows: k, columns: n))
    defer { withExtendedLifetime((left, right)) {} }
    body(left.view, right.view)
  }

  /// `parallel` for products that are cut: each is widened before it is.
  static func widening(
    _ count: Int, _ m: Int, _ n: Int, _ k: Int, _ operands: (_ number: Int) -> ProductOperands
  ) {
    for number in 0..<count {
      let product = operands(number)
      widening(m, n, k, product.a, product.b) { a, b in
        parallel(1, m, n, k) { _ in
          ProductOperands(a: a, b: b, c: product.c, bias: product.bias)
        }
      }
    }
  }

  /// A product of floats whose sums are rounded to `bfloat16`.
  static func rounded(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    let sums = Tensor(uninitialized: [m, n])
    let place = sums.mutableReals.float32
    let rows = (0..<m).map { MutableReals(base: c.advanced(rows: $0).base, dtype: c.dtype) }
    if keep != 0 {
      for row in 0..<m { etude_widen(place + row * n, rows[row].bfloat16, n) }
    }
    floats(
      m, n, k, a, b, into: MatrixTarget(sums.mutableReals, stride: n), bias: bias, scale: scale,
      keep: keep)
    for row in 0..<m { rows[row].store(0, n, buffer: place + row * n) }
    withExtendedLifetime(sums) {}
  }
}

/// A copy of a `bfloat16` matrix in floats.
private struct WidenedMatrix {
  let view: MatrixView
  /// The owner of the memory of `view`.
  let numbers: Tensor
}

extension MatrixView {
  /// A copy in floats. Rows that overlap are copied as they lie in memory, others without the gaps
  /// between them.
  fileprivate func widened(rows: Int, columns: Int) -> WidenedMatrix {
    let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
    let overlaps = stride < columns && rows > 1
    let shape: Shape = overlaps ? [1, (rows - 1) * stride + columns] : [rows, columns]
    let numbers = Tensor.filled(shape) { place in
      let source = Reals(base: base, dtype: dtype)
      if shape[0] == 1 || stride == columns {
        forEachChunk(shape[0] * shape[1], buffers: 0) { start, count, _ in
          etude_widen(place + start, source.bfloat16 + start, count)
        }
      } else {
        forEachRow(rows, width: columns, buffers: 0) { row, _ in
          etude_widen(place + row * columns, source.bfloat16 + row * stride, columns)
        }
      }
    }
    return WidenedMatrix(
      view: MatrixView(numbers.reals, stride: overlaps ? stride : columns, transposed: transposed),
      numbers: numbers)
  }
}
