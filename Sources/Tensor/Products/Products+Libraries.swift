import COneDNN
import COpenBLAS
import Kernels
import Synchronization

/// A switch with which tests run the code for CPUs with AVX-512 on other CPUs.
package enum OneDNN {
  /// Whether float32 products use oneDNN, with packed weights, even where BLAS is faster. Must be
  /// set before the first product of the process.
  package static let isForced = Atomic<Bool>(false)
}

/// The choice of the library for each kind of product.
extension Products {
  /// The least number of multiplications for which oneDNN is faster than BLAS, on CPUs with
  /// AVX-512.
  private static let worthOneDNN =
    etude_onednn_has_avx512() != 0 || OneDNN.isForced.load(ordering: .relaxed) ? 1 << 19 : Int.max

  /// Keeps BLAS from starting its own threads.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// Whether products with a packed operand of this type are the fastest on this CPU.
  static func packs(_ dtype: DType) -> Bool {
    dtype == .bfloat16 ? multipliesBFloat16 : worthOneDNN < Int.max
  }

  /// Whether the CPU has `bfloat16` products. Without them oneDNN emulates, a hundred times slower,
  /// or returns an error.
  static let multipliesBFloat16 = Precision.bf16.isFast(on: Machine.current.features)

  /// A `bfloat16` product for CPUs without such instructions: computed in floats and rounded at the
  /// end.
  static func widened(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    let (left, right) = (a.widened(rows: m, columns: k), b.widened(rows: k, columns: n))
    let sums = MatrixView(Reals(base: c.base, dtype: c.dtype), stride: c.stride)
      .widened(rows: m, columns: n)
    defer { withExtendedLifetime((left, right, sums)) {} }
    let target = c.dtype == .float32 ? c : MatrixTarget(sums.mutableReals, stride: n)
    floats(
      m, n, k, MatrixView(left.reals, stride: left.shape[1], transposed: a.transposed),
      MatrixView(right.reals, stride: right.shape[1], transposed: b.transposed), into: target,
      bias: bias, scale: scale, keep: keep)
    guard c.dtype == .bfloat16 else { return }
    for row in 0..<m {
      MutableReals(base: c.advanced(rows: row).base, dtype: c.dtype)
        .store(0, n, buffer: sums.floats + row * n)
    }
  }

  /// A product of floats: oneDNN for a large one if the CPU has AVX-512, else BLAS.
  static func floats(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    precondition(c.dtype == .float32, "product: of float32 operands into \(c.dtype)")
    if m * n * k >= worthOneDNN {
      var product = description(m, n, k, a, b, c, scale: scale, keep: keep)
      check(etude_fp32_product(&product, a.floats, b.floats, c.floats))
    } else {
      blas(m, n, k, a, b, into: c, scale: scale, keep: keep)
    }
    guard let bias else { return }
    for row in 0..<m { etude_accumulate(c.floats + row * c.stride, bias, 1, n) }
  }

  private static func blas(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    scale: Float, keep: Float
  ) {
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
      b.transposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
      a.floats, blasint(a.leading(rows: m, columns: k)),
      b.floats, blasint(b.leading(rows: k, columns: n)), keep, c.floats,
      blasint(max(c.stride, n, 1)))
  }

  static func onednn(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    var product = description(m, n, k, a, b, c, scale: scale, keep: keep)
    check(etude_bf16_product(&product, a.base, b.base, bias, c.base))
  }

  private static func description(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, _ c: MatrixTarget,
    scale: Float, keep: Float
  ) -> etude_product {
    etude_product(
      rows: m, columns: n, inner: k, left_stride: a.leading(rows: m, columns: k),
      right_stride: b.leading(rows: k, columns: n), result_stride: max(c.stride, n),
      left_transposed: a.transposed ? 1 : 0, right_transposed: b.transposed ? 1 : 0,
      result_is_float: c.dtype == .float32 ? 1 : 0, scale: scale, keep: keep)
  }

  static func check(_ problem: UnsafePointer<CChar>?) {
    if let problem { preconditionFailure("product: \(String(cString: problem))") }
  }
}

extension MatrixView {
  /// A copy in float32 with contiguous rows, not transposed.
  fileprivate func widened(rows: Int, columns: Int) -> Tensor {
    let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
    let x = Reals(base: base, dtype: dtype)
    return .filled([rows, columns]) { y in
      for row in 0..<rows {
        let place = y + row * columns
        let found = x.floats(row * stride, columns, buffer: place)
        if found != UnsafePointer(place) { place.update(from: found, count: columns) }
      }
    }
  }
}
