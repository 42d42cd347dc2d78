/// The right operand of many products, in the layout that oneDNN multiplies fastest. The layout is
/// made once, for a weight that does not change while audio is encoded.
///
/// The columns may be cut into panels of equal width, one for each group of a grouped convolution.
struct PackedMatrix: Sendable {
  /// The length of the axis that is summed over.
  let inner: Int
  /// The number of columns of each panel.
  let panelColumns: Int
  /// The type of both operands.
  let dtype: DType
  private let panels: [Tensor]

  /// The number of columns of all panels together.
  var columns: Int { panelColumns * panels.count }

  /// Packs `wᵀ`.
  ///
  /// - Parameter w: `[panels * panelColumns, inner]`, float32.
  /// - Returns: Nil if oneDNN has no such layout for this CPU.
  init?(transposing w: Tensor, inner: Int, panels count: Int, as dtype: DType) {
    let columns = w.elementCount / inner / count
    guard Products.packs(dtype) else { return nil }
    let byteCount = OneDNN.packedByteCount(inner: inner, columns: columns, as: dtype)
    guard byteCount > 0 else { return nil }
    panels = (0..<count).map { _ in
      Tensor(uninitialized: [byteCount / dtype.byteCount], dtype: dtype)
    }
    (self.inner, panelColumns, self.dtype) = (inner, columns, dtype)
    let rows = w.floats
    Cores.forEach(count) { [panels] i in
      OneDNN.pack(
        rows + i * columns * inner, inner: inner, columns: columns, as: dtype,
        into: panels[i].mutableReals.base)
    }
  }

  /// `C = A B + bias` with the columns of one panel, followed by GELU if `activating`, on the
  /// calling thread.
  ///
  /// oneDNN requires rows that are contiguous and do not overlap. If every `p`-th row of A begins
  /// where the previous one of them ends, there is one product for each phase of `p`. Otherwise a
  /// block of rows at a time is copied.
  func product(
    _ rows: Int, _ a: MatrixView, panel: Int = 0, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    // A piece of a cut may be empty, for which oneDNN divides by zero.
    guard rows > 0 else { return }
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

  /// `product` for contiguous rows of A; the rows of C may be apart.
  private func gathering(
    _ rows: Int, _ a: MatrixView, _ panel: Tensor, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    guard c.stride != panelColumns, rows > 1 else {
      return plain(
        rows, a, panel, into: MutableReals(base: c.base, dtype: c.dtype), bias: bias,
        activating: activating)
    }
    let rowBytes = panelColumns * c.dtype.byteCount
    let result = Tensor(uninitialized: [rows, panelColumns], dtype: c.dtype)
    plain(rows, a, panel, into: result.mutableReals, bias: bias, activating: activating)
    for row in 0..<rows {
      c.advanced(rows: row).base.copyMemory(
        from: result.bytes + row * rowBytes, byteCount: rowBytes)
    }
  }

  private func plain(
    _ rows: Int, _ a: MatrixView, _ panel: Tensor, into c: MutableReals,
    bias: UnsafePointer<Float>?, activating: Bool
  ) {
    OneDNN.product(
      rows: rows, inner: inner, columns: panelColumns, a, packed: panel.reals.base, into: c,
      bias: bias, activating: activating)
  }
}

extension Tensor {
  /// The least number of rows for which packing a weight pays.
  package static let worthPacking = 64

  /// This weight `[columns, inner]`, packed for products with `rows` rows. The packed copy is
  /// cached until the numbers change. Nil if packing does not pay, or is impossible on this CPU.
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

  /// Packs the weights `[O, I]` of linear maps before their first product, one weight on each core.
  /// Weights that this CPU does not pack are left as they are.
  package static func layOut(_ weights: [Tensor], as dtype: DType) {
    Cores.forEach(weights.count) { i in
      _ = weights[i].packed(inner: weights[i].shape[1], rows: worthPacking, as: dtype)
    }
  }
}
