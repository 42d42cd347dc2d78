import Kernels

/// The choice of the library for each kind of product.
extension Products {
  /// The least number of multiplications for which oneDNN is faster than BLAS, on CPUs with
  /// AVX-512: nearly all products if BLAS uses the kernels of an older CPU.
  private static let worthOneDNN =
    OneDNN.multipliesFloats ? (Machine.blasLacksAVX512 ? 1 << 12 : 1 << 19) : Int.max

  /// Whether products with a packed operand of this type are the fastest on this CPU.
  static func packs(_ dtype: DType) -> Bool {
    dtype == .bfloat16 ? multipliesBFloat16 : worthOneDNN < Int.max
  }

  /// Whether the CPU has `bfloat16` products. Without them oneDNN emulates, a hundred times slower,
  /// or returns an error.
  static let multipliesBFloat16 = Precision.bf16.isFast(on: Machine.current.features)

  /// The fewest rows of a product that is cut into whole rows, and of its pieces for many cores: each reads all of the
  /// right operand.
  private static let wholeRows = (worth: 256, least: 64)

  /// The pieces of `count` products of one size. With the tiles of AMX oneDNN multiplies matrices that lie densely in
  /// memory up to twice as fast as blocks of wider ones, and whole rows of a dense matrix are dense. Blocks of a
  /// transposed left operand never are, nor are the overlapping windows of a convolution.
  static func cut(
    _ m: Int, _ n: Int, _ k: Int, times count: Int, of product: ProductOperands
  ) -> ProductCut {
    let isDense = !product.a.transposed && product.a.stride == k && product.c.stride == n
    let gains = product.a.dtype == .bfloat16 && OneDNN.usesTiles && isDense
    guard gains, m >= wholeRows.worth else { return ProductCut(m, n, k, times: count) }
    return ProductCut(m, n, k, times: count, along: .rows, leastSide: wholeRows.least)
  }

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
      OneDNN.product(m, n, k, a, b, into: c, bias: nil, scale: scale, keep: keep)
    } else {
      blas(m, n, k, a, b, into: c, scale: scale, keep: keep)
    }
    guard let bias else { return }
    for row in 0..<m { etude_accumulate(c.floats + row * c.stride, bias, 1, n) }
  }
}
