/// A product with a matrix of overlapping rows.
///
/// A few columns at a time, no more than rows are apart, they do not overlap: with few such pieces
/// (a strided convolution) it is a product for each. Else (the positional convolution) a block of
/// rows at a time is copied out. A sum in bfloat16 would round after every piece: it is copied too.
struct OverlappingProduct {
  let m: Int
  let n: Int
  let k: Int
  let a: MatrixView
  let b: MatrixView
  let c: MatrixTarget
  let bias: UnsafePointer<Float>?
  let scale: Float
  let keep: Float

  private static let mostPieces = 4
  /// Floats of a copied block: it stays in a core's second-level cache.
  private static let blockSize = 1 << 17

  func withLeftOverlap() {
    if k > Self.mostPieces * a.stride || c.dtype != .float32 { return copyingLeft() }
    for start in Swift.stride(from: 0, to: k, by: a.stride) {
      Products.plain(
        m, n, min(a.stride, k - start), a.advanced(columns: start), b.advanced(rows: start),
        into: c, bias: start == 0 ? bias : nil, scale: scale, keep: start == 0 ? keep : 1)
    }
  }

  func withRightOverlap() {
    if n > Self.mostPieces * b.stride { return copyingRight() }
    for start in Swift.stride(from: 0, to: n, by: b.stride) {
      Products.plain(
        m, min(b.stride, n - start), k, a, b.advanced(columns: start),
        into: c.advanced(columns: start), bias: bias.map { $0 + start }, scale: scale, keep: keep)
    }
  }

  private func copyingLeft() {
    forEachBlock(of: a, rows: m, columns: k) { row, rows, block in
      Products.plain(
        rows, n, k, block, b, into: c.advanced(rows: row), bias: bias, scale: scale, keep: keep)
    }
  }

  private func copyingRight() {
    precondition(c.dtype == .float32, "product: a sum in pieces into \(c.dtype)")
    forEachBlock(of: b, rows: k, columns: n) { row, rows, block in
      Products.plain(
        m, n, rows, a.advanced(columns: row), block, into: c, bias: row == 0 ? bias : nil,
        scale: scale, keep: row == 0 ? keep : 1)
    }
  }

  /// Calls `body` with blocks of rows, copied so that they no longer overlap.
  private func forEachBlock(
    of matrix: MatrixView, rows: Int, columns: Int,
    _ body: (_ row: Int, _ rows: Int, _ block: MatrixView) -> Void
  ) {
    let most = min(rows, max(1, Self.blockSize / columns))
    let buffer = Tensor(uninitialized: [most, columns], dtype: matrix.dtype)
    defer { withExtendedLifetime(buffer) {} }
    let block = MatrixView(buffer.reals, stride: columns)
    let copy = UnsafeMutableRawPointer(mutating: block.base)
    let rowBytes = columns * matrix.dtype.byteCount
    for row in Swift.stride(from: 0, to: rows, by: most) {
      let count = min(most, rows - row)
      for i in 0..<count {
        (copy + i * rowBytes).copyMemory(
          from: matrix.advanced(rows: row + i).base, byteCount: rowBytes)
      }
      body(row, count, block)
    }
  }
}
