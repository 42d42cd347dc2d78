/// A matrix in the memory of another object. Rows are `stride` elements apart and may overlap, as
/// the windows of a convolution do. `transposed` reads the matrix as its transpose.
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

  /// The view that starts `rows` rows later.
  func advanced(rows: Int) -> MatrixView { advanced(transposed ? rows : rows * stride) }

  /// The view that starts `columns` columns later.
  func advanced(columns: Int) -> MatrixView { advanced(transposed ? columns * stride : columns) }

  private func advanced(_ elements: Int) -> MatrixView {
    var view = self
    view.base += elements * dtype.byteCount
    return view
  }

  /// A pointer to the elements; for float matrices only.
  var floats: UnsafePointer<Float> { base.assumingMemoryBound(to: Float.self) }

  /// The stride as the libraries require it: at least the row length, even for a single row.
  func leading(rows: Int, columns: Int) -> Int {
    let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
    return rows > 1 ? stride : max(stride, columns, 1)
  }
}

/// The memory that a product writes; rows are `stride` elements apart.
struct MatrixTarget {
  var base: UnsafeMutableRawPointer
  var dtype: DType
  var stride: Int

  init(_ reals: MutableReals, stride: Int) {
    (base, dtype, self.stride) = (reals.base, reals.dtype, stride)
  }

  /// The target that starts `rows` rows later.
  func advanced(rows: Int) -> MatrixTarget { advanced(columns: rows * stride) }

  /// The target that starts `columns` columns later.
  func advanced(columns: Int) -> MatrixTarget {
    var target = self
    target.base += columns * dtype.byteCount
    return target
  }

  /// A pointer to the elements; for float targets only.
  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
