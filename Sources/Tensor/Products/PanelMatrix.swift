import Kernels

/// The right operand of products with few rows, in panels of 64 columns: `[panels, inner, 64]`.
///
/// A recurrence multiplies one frame of a small batch at a time, which is too little for a library's
/// product: packing would take longer than the sums. Every number of the product is one sum in the
/// order of the inner axis, so its bits depend neither on the number of rows nor on the threads.
struct PanelMatrix: Sendable {
  /// The columns of a panel.
  static let width = Int(ETUDE_PANEL)

  /// The length of the axis that is summed over.
  let inner: Int
  /// The number of panels.
  let count: Int
  private let numbers: Tensor
  /// Whether neighbours of a column lie together, for CPUs that multiply pairs of bfloat16.
  private let isPaired: Bool

  /// The type of the numbers in memory.
  var dtype: DType { numbers.dtype }
  /// The type of the left operand.
  var operand: DType { isPaired ? .bfloat16 : .float32 }

  /// - Parameters:
  ///   - isPaired: Whether neighbours of a column lie together; of an even inner axis in bfloat16.
  ///   - fill: Writes the columns of a panel, whose numbers are 0 before: `(panel, place)`.
  private init(
    count: Int, inner: Int, dtype: DType, isPaired: Bool = false,
    fill: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    (self.count, self.inner) = (count, inner)
    let size = inner * Self.width
    var floats = Tensor.zeros([count, inner, Self.width])
    floats.update { floats in
      guard let place = floats.baseAddress else { return }
      Cores.forEach(count) { fill($0, place + $0 * size) }
    }
    self.isPaired = isPaired
    let rows = floats.converted(to: dtype)
    numbers = isPaired ? rows.pairingRows(count: count * inner / 2, columns: Self.width) : rows
  }

  /// The transposed weight `[4 H, inner]` of an LSTM. Panel `p` holds 16 units, each with the columns
  /// of its four gates: `[inner, 4, 16]`.
  init(gates weight: Tensor, as dtype: DType) {
    let (units, inner) = (Int(ETUDE_LSTM_UNITS), weight.shape[1])
    let width = weight.shape[0] / 4
    let w = weight.floats
    let isPaired =
      dtype == .bfloat16 && inner.isMultiple(of: 2) && etude_multiplies_pairs() != 0
    self.init(
      count: (width + units - 1) / units, inner: inner, dtype: dtype, isPaired: isPaired
    ) { panel, place in
      for gate in 0..<4 {
        etude_transpose(
          place + gate * units, Self.width, w + (gate * width + panel * units) * inner, inner,
          min(units, width - panel * units), inner)
      }
    }
  }

  /// A matrix `[inner, columns]`.
  init(columns weight: Tensor, as dtype: DType) {
    let (inner, columns) = (weight.shape[0], weight.shape[1])
    let w = weight.floats
    self.init(
      count: (columns + Self.width - 1) / Self.width, inner: inner, dtype: dtype
    ) { panel, place in
      let first = panel * Self.width
      for k in 0..<inner {
        (place + k * Self.width)
          .update(from: w + k * columns + first, count: min(Self.width, columns - first))
      }
    }
  }

  /// One row of a panel of a float32 matrix; valid while this value lives.
  func row(_ k: Int, ofPanel panel: Int) -> UnsafePointer<Float> {
    numbers.floats + (panel * inner + k) * Self.width
  }

  /// `y[r] += x[r] P` with the panel `P` of 64 columns, on the calling thread.
  ///
  /// - Parameter x: Of the type `operand`.
  func add(
    panel: Int, rows: Int, of x: Reals, rowsApart step: Int, to y: UnsafeMutablePointer<Float>,
    rowsApart stride: Int
  ) {
    let place = numbers.reals + panel * inner * Self.width
    if isPaired {
      etude_small_product_pairs(
        rows, Self.width, inner / 2, y, stride, x.base.assumingMemoryBound(to: UInt32.self),
        step / 2, 1, place.base.assumingMemoryBound(to: UInt32.self), Self.width, 1)
    } else if dtype == .float32 {
      etude_panel_product(y, stride, x.float32, step, place.float32, rows, inner)
    } else {
      etude_panel_product_bfloat(y, stride, x.float32, step, place.bfloat16, rows, inner)
    }
  }
}

extension Tensor {
  /// This weight `[4 H, inner]` of an LSTM in panels, untracked. The copy is cached until the numbers
  /// change.
  func gatePanels(as dtype: DType) -> PanelMatrix {
    let isWhole = offset == 0
    if isWhole, let found = storage.panels, found.dtype == dtype, found.inner == shape[1] {
      return found
    }
    let panels = PanelMatrix(gates: operand(as: .float32), as: dtype)
    if isWhole { storage.panels = panels }
    return panels
  }

  /// The numbers of a bfloat16 matrix `[2 count, columns]`, where those of rows `2 p` and `2 p + 1` in a
  /// column lie together.
  fileprivate func pairingRows(count: Int, columns: Int) -> Tensor {
    let x = reals
    return .filled(shape, dtype: dtype) { y in
      etude_pair_rows(
        y.base.assumingMemoryBound(to: UInt32.self), columns, x.bfloat16, columns, 2 * count,
        columns)
    }
  }
}
