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

  /// `C = scale A B + keep C` with A `[m, k]`, B `[k, n]`, C `[m, n]`, on the calling thread.
  static func serial(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView,
    into c: UnsafeMutablePointer<Float>, stride: Int, scale: Float = 1, keep: Float = 0
  ) {
    _ = singleThreaded
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
      b.transposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
      a.base, blasint(max(a.stride, 1)), b.base, blasint(max(b.stride, 1)), keep, c,
      blasint(max(stride, 1)))
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
