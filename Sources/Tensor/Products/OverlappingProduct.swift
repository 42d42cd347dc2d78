/// A product with a matrix of overlapping rows.
///
/// Rows of the left matrix that are far enough apart do not overlap: where every second or third does
/// not (a strided convolution), it is two or three products of such rows. Of the right matrix a few
/// columns at a time, no more than rows are apart, do not. With many such pieces (the positional
/// convolution) a block of columns at a time is copied out.
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
  /// Rows that are copied at once where columns are cut.
  private static let blockRows = 512

  func withLeftOverlap() {
    if k > Self.mostPieces * a.stride { return copyingLeftColumns() }
    let phases = (k + a.stride - 1) / a.stride
    for phase in 0..<min(phases, m) {
      var (rows, target) = (a.advanced(rows: phase), c.advanced(rows: phase))
      (rows.stride, target.stride) = (rows.stride * phases, target.stride * phases)
      Products.plain(
        (m - phase + phases - 1) / phases, n, k, rows, b, into: target, bias: bias, scale: scale,
        keep: keep)
    }
  }

  func withRightOverlap() {
    if n > Self.mostPieces * b.stride { return copyingRightColumns() }
    for start in stride(from: 0, to: n, by: b.stride) {
      Products.plain(
        m, min(b.stride, n - start), k, a, b.advanced(columns: start),
        into: c.advanced(columns: start), bias: bias.map { $0 + start }, scale: scale, keep: keep)
    }
  }

  /// Sums over blocks of columns in float32, then writes.
  private func copyingLeftColumns() {
    var block = CopiedBlock(of: a, rows: min(m, Self.blockRows), columns: k)
    let sums = c.dtype == .float32 ? nil : Tensor(uninitialized: [block.rows, n])
    precondition(sums == nil || keep == 0, "product: adds in pieces to \(c.dtype)")
    for row in stride(from: 0, to: m, by: block.rows) {
      let rows = min(block.rows, m - row)
      let target = sums.map { MatrixTarget($0.mutableReals, stride: n) } ?? c.advanced(rows: row)
      for start in stride(from: 0, to: k, by: block.columns) {
        let columns = min(block.columns, k - start)
        block.load(row..<row + rows, start..<start + columns)
        Products.plain(
          rows, n, columns, block.view, b.advanced(rows: start), into: target,
          bias: start == 0 ? bias : nil, scale: scale, keep: start == 0 ? keep : 1)
      }
      guard let sums else { continue }
      for i in 0..<rows {
        MutableReals(base: c.advanced(rows: row + i).base, dtype: c.dtype)
          .store(0, n, buffer: sums.floats + i * n)
      }
    }
  }

  private func copyingRightColumns() {
    var block = CopiedBlock(of: b, rows: min(k, Self.blockRows), columns: n)
    precondition(c.dtype == .float32 || k <= block.rows, "product: adds in pieces to \(c.dtype)")
    for start in stride(from: 0, to: n, by: block.columns) {
      let columns = min(block.columns, n - start)
      for row in stride(from: 0, to: k, by: block.rows) {
        let rows = min(block.rows, k - row)
        block.load(row..<row + rows, start..<start + columns)
        Products.plain(
          m, columns, rows, a.advanced(columns: row), block.view,
          into: c.advanced(columns: start), bias: row == 0 ? bias.map { $0 + start } : nil,
          scale: scale, keep: row == 0 ? keep : 1)
      }
    }
  }
}

/// A part of a matrix, copied so that its rows no longer overlap; small enough for a core's
/// second-level cache.
struct CopiedBlock {
  private static let byteCount = 3 << 18

  /// The most rows and columns that are loaded at once.
  let rows: Int
  let columns: Int
  /// What was loaded.
  private(set) var view: MatrixView
  private let matrix: MatrixView
  private let buffer: Tensor

  /// All of these rows, and as many of the columns as fit.
  init(of matrix: MatrixView, rows: Int, columns: Int) {
    let count = Self.byteCount / matrix.dtype.byteCount
    (self.rows, self.columns) = (rows, min(columns, max(1, count / rows)))
    buffer = Tensor(uninitialized: [self.rows, self.columns], dtype: matrix.dtype)
    view = MatrixView(buffer.reals, stride: self.columns)
    self.matrix = matrix
  }

  /// Whole rows of so many numbers, as many as fit.
  init(of matrix: MatrixView, rowsOf columns: Int, atMost rows: Int) {
    let count = Self.byteCount / matrix.dtype.byteCount / columns
    self.init(of: matrix, rows: max(1, min(rows, count)), columns: columns)
  }

  /// Copies these rows and columns.
  mutating func load(_ rows: Range<Int>, _ columns: Range<Int>) {
    let source = matrix.advanced(columns: columns.lowerBound)
    let rowBytes = columns.count * matrix.dtype.byteCount
    let copy = UnsafeMutableRawPointer(mutating: view.base)
    view.stride = columns.count
    for (i, row) in rows.enumerated() {
      (copy + i * rowBytes).copyMemory(from: source.advanced(rows: row).base, byteCount: rowBytes)
    }
  }
}
