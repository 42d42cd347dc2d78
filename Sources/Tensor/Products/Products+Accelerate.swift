#if !canImport(COpenBLAS)
  import Accelerate

  /// Products of floats with Apple's Accelerate, in the place of OpenBLAS.
  extension Products {
    /// The name of the library; its version is that of the system.
    static let blasName = "Accelerate"

    /// The library does not name its kernels.
    static let blasCore = "Apple's choice"

    /// Keeps it from starting its own threads.
    private static let singleThreaded: Void = {
      _ = BLASSetThreading(BLAS_THREADING_SINGLE_THREADED)
    }()

    /// `C = scale A B + keep C` in floats, on the calling thread.
    static func blas(
      _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
      scale: Float, keep: Float
    ) {
      _ = singleThreaded
      cblas_sgemm(
        CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
        b.transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), scale,
        a.floats, Int32(a.leading(rows: m, columns: k)),
        b.floats, Int32(b.leading(rows: k, columns: n)), keep, c.floats,
        Int32(max(c.stride, n, 1)))
    }
  }
#endif
