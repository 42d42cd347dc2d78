import COneDNN

/// The right operand of many products in the layout that the library multiplies fastest, made once: a
/// weight that does not change while audio is encoded.
///
/// Its columns may be cut into equal panels, as those of a grouped convolution are.
struct PackedMatrix: Sendable {
  /// The length that is summed over.
  let inner: Int
  /// Columns of each panel.
  let panelColumns: Int
  /// Of both operands.
  let dtype: DType
  private let panels: [Tensor]

  /// Columns of all panels.
  var columns: Int { panelColumns * panels.count }

  /// Lays out `wᵀ`.
  ///
  /// - Parameter w: `[panels * panelColumns, inner]` in rows, float32.
  /// - Returns: Nil if the library has no such layout for this CPU.
  init?(transposing w: Tensor, inner: Int, panels count: Int, as dtype: DType) {
    let isFloat: Int32 = dtype == .float32 ? 1 : 0
    let columns = w.elementCount / inner / count
    guard Products.packs(dtype) else { return nil }
    let byteCount = etude_packed_size(inner, columns, isFloat)
    guard byteCount > 0 else { return nil }
    panels = (0..<count).map { _ in
      Tensor(uninitialized: [byteCount / dtype.byteCount], dtype: dtype)
    }
    (self.inner, panelColumns, self.dtype) = (inner, columns, dtype)
    let rows = w.floats
    Cores.forEach(count) { [panels] i in
      let place = panels[i].mutableReals.base
      Products.check(
        etude_pack(inner, columns, inner, isFloat, rows + i * columns * inner, place))
    }
  }

  /// `C = A B + bias` with the columns of one panel, or GELU of it, on the calling thread.
  ///
  /// The library wants whole rows one after the other. Where rows of A overlap so that every `p`-th begins
  /// where the one before it ends, it gets those, for every phase of `p`; others are copied out a block at
  /// a time.
  func product(
    _ rows: Int, _ a: MatrixView, panel: Int = 0, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    let run = { (rows: Int, a: MatrixView, c: MatrixTarget) in
      gathering(rows, a, panels[panel], into: c, bias: bias, activating: activating)
    }
    if a.stride == inner || rows <= 1 { return run(rows, a, c) }
    guard inner % a.stride == 0 else {
      var block = CopiedBlock(of: a, rowsOf: inner, atMost: rows)
      for row in stride(from: 0, to: rows, by: block.rows) {
        let count = min(block.rows, rows - row)
        block.load(row..<row + count, 0..<inner)
        run(count, block.view, c.advanced(rows: row))
      }
      return
    }
    let phases = inner / a.stride
    for phase in 0..<min(phases, rows) {
      var (left, target) = (a.advanced(rows: phase), c.advanced(rows: phase))
      (left.stride, target.stride) = (inner, target.stride * phases)
      run((rows - phase + phases - 1) / phases, left, target)
    }
  }

  /// The same for rows of A one after the other; those of C may lie apart.
  private func gathering(
    _ rows: Int, _ a: MatrixView, _ panel: Tensor, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    guard c.stride != panelColumns, rows > 1 else {
      return plain(rows, a, panel, into: c.base, c.dtype, bias: bias, activating: activating)
    }
    let rowBytes = panelColumns * c.dtype.byteCount
    let result = Tensor(uninitialized: [rows, panelColumns], dtype: c.dtype)
    plain(
      rows, a, panel, into: result.mutableReals.base, c.dtype, bias: bias, activating: activating)
    for row in 0..<rows {
      c.advanced(rows: row).base.copyMemory(
        from: result.bytes + row * rowBytes, byteCount: rowBytes)
    }
  }

  private func plain(
    _ rows: Int, _ a: MatrixView, _ panel: Tensor, into c: UnsafeMutableRawPointer, _ type: DType,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    var product = etude_product(
      rows: rows, columns: panelColumns, inner: inner, left_stride: inner, right_stride: 0,
      result_stride: panelColumns, left_transposed: 0, right_transposed: 0,
      result_is_float: type == .float32 ? 1 : 0, scale: 1, keep: 0)
    Products.check(
      etude_packed_product(
        &product, dtype == .float32 ? 1 : 0, activating ? 1 : 0, a.base, panel.reals.base, bias, c))
  }
}

extension Tensor {
  /// Rows from which on laying out a weight pays.
  package static let worthPacking = 64

  /// This weight `[columns, inner]`, laid out for products with `rows` rows; made once and kept until its
  /// numbers change. Nil if that does not pay, or cannot be done on this CPU.
  func packed(inner: Int, panels: Int = 1, rows: Int, as dtype: DType) -> PackedMatrix? {
    guard rows >= Self.worthPacking, elementCount >= 1 << 12, self.dtype == .float32, offset == 0
    else { return nil }
    if let found = storage.packed, found.dtype == dtype, found.inner == inner,
      found.columns == elementCount / inner, found.panelColumns * panels == found.columns
    {
      return found
    }
    storage.packed = PackedMatrix(transposing: self, inner: inner, panels: panels, as: dtype)
    return storage.packed
  }

  /// Lays out weights `[O, I]` of linear maps for products ahead of the first, one on each core; what this
  /// CPU has no use for stays as it is.
  package static func layOut(_ weights: [Tensor], as dtype: DType) {
    Cores.forEach(weights.count) { i in
      _ = weights[i].packed(inner: weights[i].shape[1], rows: worthPacking, as: dtype)
    }
  }
}
