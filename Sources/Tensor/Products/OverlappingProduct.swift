/// A product with a matrix whose rows overlap, split into products without overlap.
///
/// If every `p`-th row of the left matrix does not overlap (a strided convolution, `p` of 2 or 3),
/// the product is `p` products of these rows. A block of columns of the right matrix that is no
/// wider than its stride does not overlap. If there would be many such parts (the positional
/// convolution), a block of columns at a time is copied.
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
  /// The rows that are copied at once where columns are cut.
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

/// A part of a matrix, copied so that its rows do not overlap. It fits a core's second-level cache.
struct CopiedBlock {
  private static let byteCount = 3 << 18

  /// The greatest number of rows and columns that are loaded at once.
  let rows: Int
  let columns: Int
  /// The part loaded last.
  private(set) var view: MatrixView
  private let matrix: MatrixView
  private let buffer: Tensor

  /// Room for `rows` rows, and for as many columns as fit.
  init(of matrix: MatrixView, rows: Int, columns: Int) {
    let count = Self.byteCount / matrix.dtype.byteCount
    (self.rows, self.columns) = (rows, min(columns, max(1, count / rows)))
    buffer = Tensor(uninitialized: [self.rows, self.columns], dtype: matrix.dtype)
    view = MatrixView(buffer.reals, stride: self.columns)
    self.matrix = matrix
  }

  /// Room for whole rows of `columns` numbers, for as many as fit.
  init(of matrix: MatrixView, rowsOf columns: Int, atMost rows: Int) {
    let count = Self.byteCount / matrix.dtype.byteCount / columns
    self.init(of: matrix, rows: max(1, min(rows, count)), columns: columns)
  }

  /// Copies a range of rows and of columns.
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
