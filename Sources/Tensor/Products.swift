import COpenBLAS

/// A matrix in someone else's memory: `rows` apart by `stride` floats, read as its transpose if so
/// marked. Rows may overlap, which is how a convolution reads its windows.
struct MatrixView {
  var base: UnsafePointer<Float>
  var stride: Int
  var transposed = false

  /// The view that starts at a later row (or column, if transposed).
  func advanced(rows: Int) -> MatrixView {
    MatrixView(
      base: base + (transposed ? rows : rows * stride), stride: stride, transposed: transposed)
  }

  /// The view that starts at a later column (or row, if transposed).
  func advanced(columns: Int) -> MatrixView {
    MatrixView(
      base: base + (transposed ? columns * stride : columns), stride: stride,
      transposed: transposed)
  }
}

/// Matrix products over OpenBLAS, one thread a call; `Cores` cuts the work.
enum Products {
  /// Below this many multiplications a second thread costs more than it saves.
  private static let worthThreads = 1 << 18

  /// BLAS must not start threads of its own.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// `C = scale A B + keep C` with A `[m, k]`, B `[k, n]`, C `[m, n]`, on the calling thread. Rows
  /// of A or of B may overlap, not of both.
  static func serial(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    into c: UnsafeMutablePointer<Float>, stride: Int, scale: Float = 1, keep: Float = 0
  ) {
    let overlapping = (
      a: !a.transposed && a.stride < k && m > 1, b: !b.transposed && b.stride < n && k > 1
    )
    if overlapping.a || overlapping.b {
      let product = OverlappingProduct(
        m: m, n: n, k: k, a: a, b: b, c: c, stride: stride, scale: scale, keep: keep)
      return overlapping.a ? product.withLeftOverlap() : product.withRightOverlap()
    }
    blas(m, n, k, a, b, into: c, stride: stride, scale: scale, keep: keep)
  }

  /// The same for rows that do not overlap: BLAS refuses others.
  fileprivate static func blas(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    into c: UnsafeMutablePointer<Float>, stride: Int, scale: Float, keep: Float
  ) {
    _ = singleThreaded
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
      b.transposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
      a.base, leading(a, rows: m, columns: k), b.base, leading(b, rows: k, columns: n), keep, c,
      blasint(max(stride, 1)))
  }

  /// The stride as BLAS wants it: it checks that of a single row too.
  private static func leading(_ view: MatrixView, rows: Int, columns: Int) -> blasint {
    let (rows, columns) = view.transposed ? (columns, rows) : (rows, columns)
    return blasint(rows > 1 ? view.stride : max(view.stride, columns, 1))
  }

  /// The same product cut along its longer side over all cores.
  static func parallel(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    into c: UnsafeMutablePointer<Float>, stride: Int, scale: Float = 1, keep: Float = 0
  ) {
    let side = max(m, n)
    let grain = m * n * k < worthThreads ? side : 16
    Cores.parallel(side, grain: grain) { range in
      if m >= n {
        serial(
          range.count, n, k, a.advanced(rows: range.lowerBound), b,
          into: c + range.lowerBound * stride, stride: stride, scale: scale, keep: keep)
      } else {
        serial(
          m, range.count, k, a, b.advanced(columns: range.lowerBound),
          into: c + range.lowerBound, stride: stride, scale: scale, keep: keep)
      }
    }
  }
}

/// A product with a matrix of overlapping rows.
///
/// A few columns at a time, no more than rows are apart, they do not overlap: with few such pieces
/// (a strided convolution) it is a product for each. Else (the positional convolution) a block of
/// rows at a time is copied out.
private struct OverlappingProduct {
  let m: Int
  let n: Int
  let k: Int
  let a: MatrixView
  let b: MatrixView
  let c: UnsafeMutablePointer<Float>
  let stride: Int
  let scale: Float
  let keep: Float

  private static let mostPieces = 4
  /// Floats of a copied block: it stays in a core's second-level cache.
  private static let blockSize = 1 << 17

  func withLeftOverlap() {
    if k > Self.mostPieces * a.stride { return copyingLeft() }
    for start in Swift.stride(from: 0, to: k, by: a.stride) {
      Products.blas(
        m, n, min(a.stride, k - start), a.advanced(columns: start), b.advanced(rows: start),
        into: c, stride: stride, scale: scale, keep: start == 0 ? keep : 1)
    }
  }

  func withRightOverlap() {
    if n > Self.mostPieces * b.stride { return copyingRight() }
    for start in Swift.stride(from: 0, to: n, by: b.stride) {
      Products.blas(
        m, min(b.stride, n - start), k, a, b.advanced(columns: start), into: c + start,
        stride: stride, scale: scale, keep: keep)
    }
  }

  private func copyingLeft() {
    forEachBlock(of: a, rows: m, columns: k) { row, rows, block in
      Products.blas(
        rows, n, k, block, b, into: c + row * stride, stride: stride, scale: scale, keep: keep)
    }
  }

  private func copyingRight() {
    forEachBlock(of: b, rows: k, columns: n) { row, rows, block in
      Products.blas(
        m, n, rows, a.advanced(columns: row), block, into: c, stride: stride, scale: scale,
        keep: row == 0 ? keep : 1)
    }
  }

  /// Calls `body` with blocks of rows, copied so that they no longer overlap.
  private func forEachBlock(
    of matrix: MatrixView, rows: Int, columns: Int,
    _ body: (_ row: Int, _ rows: Int, _ block: MatrixView) -> Void
  ) {
    let most = min(rows, max(1, Self.blockSize / columns))
    let buffer = Tensor(uninitialized: [most, columns])
    defer { withExtendedLifetime(buffer) {} }
    let copy = UnsafeMutablePointer(mutating: buffer.floats)
    for row in Swift.stride(from: 0, to: rows, by: most) {
      let count = min(most, rows - row)
      for i in 0..<count {
        let source = matrix.advanced(rows: row + i).base
        (copy + i * columns).update(from: source, count: columns)
      }
      body(row, count, MatrixView(base: copy, stride: columns))
    }
  }
}
