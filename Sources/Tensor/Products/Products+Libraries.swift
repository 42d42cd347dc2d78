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

  /// A product of floats: oneDNN for a large one if the CPU has AVX-512, else BLAS. Sums are rounded
  /// where the target is `bfloat16`.
  static func floats(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
    bias: UnsafePointer<Float>?, scale: Float, keep: Float
  ) {
    guard c.dtype == .float32 else {
      return rounded(m, n, k, a, b, into: c, bias: bias, scale: scale, keep: keep)
    }
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
