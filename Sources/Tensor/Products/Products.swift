import Kernels

/// Matrix products. A call of `serial` runs on the calling thread, `parallel` on all cores.
enum Products {
  /// The least number of multiplications that are worth handing to a thread.
  private static let worthThread = 1 << 17

  /// `C = scale A B + keep C` with A `[m, k]`, B `[k, n]`, C `[m, n]`, on the calling thread. The
  /// rows of one operand may overlap, but not of both.
  static func serial(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    into c: UnsafeMutablePointer<Float>, stride: Int, scale: Float = 1, keep: Float = 0
  ) {
    serial(
      m, n, k, a, b, into: MatrixTarget(MutableReals(base: c, dtype: .float32), stride: stride),
      scale: scale, keep: keep)
  }

  /// `serial` into numbers of either type.
  ///
  /// - Parameter bias: Added to every row, `[n]`.
  static func serial(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>? = nil, scale: Float = 1, keep: Float = 0
  ) {
    let overlapping = (
      a: !a.transposed && a.stride < k && m > 1, b: !b.transposed && b.stride < n && k > 1
    )
    if overlapping.a || overlapping.b {
      let product = OverlappingProduct(
        m: m, n: n, k: k, a: a, b: b, c: c, bias: bias, scale: scale, keep: keep)
      return overlapping.a ? product.withLeftOverlap() : product.withRightOverlap()
    }
    plain(m, n, k, a, b, into: c, bias: bias, scale: scale, keep: keep)
  }

  /// `serial` for rows that do not overlap, as the libraries require.
  static func plain(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    guard m > 0, n > 0 else { return }
    precondition(a.dtype == b.dtype, "product: operands differ, \(a.dtype) and \(b.dtype)")
    precondition(bias == nil || scale == 1, "product: a bias beside a scale of \(scale)")
    if k == 0 {
      empty(m, n, into: c, bias: bias, keep: keep)
    } else if a.dtype == .bfloat16, !multipliesBFloat16 {
      widening(m, n, k, a, b) {
        floats(m, n, k, $0, $1, into: c, bias: bias, scale: scale, keep: keep)
      }
    } else if a.dtype == .bfloat16 {
      OneDNN.product(m, n, k, a, b, into: c, bias: bias, scale: scale, keep: keep)
    } else {
      floats(m, n, k, a, b, into: c, bias: bias, scale: scale, keep: keep)
    }
  }

  /// The product for `k` of 0: `keep C + bias`.
  private static func empty(
    _ m: Int, _ n: Int, into c: MatrixTarget, bias: UnsafePointer<Float>?, keep: Float
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * n) { memory in
      let (sum, kept) = (memory.baseAddress!, memory.baseAddress! + n)
      for row in 0..<m {
        let reals = MutableReals(base: c.advanced(rows: row).base, dtype: c.dtype)
        sum.update(repeating: 0, count: n)
        if keep != 0 { etude_accumulate(sum, reals.reals.floats(0, n, buffer: kept), keep, n) }
        if let bias { etude_accumulate(sum, bias, 1, n) }
        reals.place(0, buffer: sum).update(from: sum, count: n)
        reals.store(0, n, buffer: sum)
      }
    }
  }

  /// Runs `count` products `C = A B + bias` of one size, cut into pieces (`ProductCut`), on all
  /// cores.
  ///
  /// - Parameter operands: The operands of one of the products; called on several threads.
  static func parallel(
    _ count: Int = 1, _ m: Int, _ n: Int, _ k: Int, _ operands: (_ number: Int) -> ProductOperands
  ) {
    guard count > 0 else { return }
    let first = operands(0)
    let cut = Self.cut(m, n, k, times: count, of: first)
    if cut.count > 1, first.a.dtype == .bfloat16, !multipliesBFloat16 {
      return widening(count, m, n, k, operands)
    }
    let (items, grain) = (count * cut.count, max(1, worthThread / max(1, m * n * k)))
    Cores.forEach((items + grain - 1) / grain) { group in
      for item in group * grain..<min(items, (group + 1) * grain) {
        let (rows, columns) = cut[item % cut.count]
        let part = operands(item / cut.count)
          .part(rows: rows.lowerBound, columns: columns.lowerBound)
        serial(rows.count, columns.count, k, part.a, part.b, into: part.c, bias: part.bias)
      }
    }
  }
}

/// The operands of a product `C = A B + bias`.
struct ProductOperands {
  var a: MatrixView
  var b: MatrixView
  var c: MatrixTarget
  var bias: UnsafePointer<Float>?

  /// The operands of the part of C that begins at a row and a column.
  fileprivate func part(rows: Int, columns: Int) -> ProductOperands {
    ProductOperands(
      a: a.advanced(rows: rows), b: b.advanced(columns: columns),
      c: c.advanced(rows: rows).advanced(columns: columns), bias: bias.map { $0 + columns })
  }
}
