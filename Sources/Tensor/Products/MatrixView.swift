/// A matrix in someone else's memory: rows apart by `stride` elements, read as its transpose if so
/// marked. Rows may overlap, which is how a convolution reads its windows.
struct MatrixView {
  var base: UnsafeRawPointer
  var dtype: DType
  var stride: Int
  var transposed = false

  init(base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.init(Reals(base: base, dtype: .float32), stride: stride, transposed: transposed)
  }

  init(_ reals: Reals, stride: Int, transposed: Bool = false) {
    (base, dtype) = (reals.base, reals.dtype)
    (self.stride, self.transposed) = (stride, transposed)
  }

  /// The view that starts at a later row (or column, if transposed).
  func advanced(rows: Int) -> MatrixView { advanced(transposed ? rows : rows * stride) }

  /// The view that starts at a later column (or row, if transposed).
  func advanced(columns: Int) -> MatrixView { advanced(transposed ? columns * stride : columns) }

  private func advanced(_ elements: Int) -> MatrixView {
    var view = self
    view.base += elements * dtype.byteCount
    return view
  }

  /// The elements, of a float matrix.
  var floats: UnsafePointer<Float> { base.assumingMemoryBound(to: Float.self) }

  /// The stride as libraries want it, which check that of a single row too.
  func leading(rows: Int, columns: Int) -> Int {
    let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
    return rows > 1 ? stride : max(stride, columns, 1)
  }
}

/// Where a product goes: rows apart by `stride` elements.
struct MatrixTarget {
  var base: UnsafeMutableRawPointer
  var dtype: DType
  var stride: Int

  init(_ reals: MutableReals, stride: Int) {
    (base, dtype, self.stride) = (reals.base, reals.dtype, stride)
  }

  /// The target that starts at a later row.
  func advanced(rows: Int) -> MatrixTarget { advanced(columns: rows * stride) }

  /// The target that starts at a later column.
  func advanced(columns: Int) -> MatrixTarget {
    var target = self
    target.base += columns * dtype.byteCount
    return target
  }

  /// The elements, of a float target.
  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
