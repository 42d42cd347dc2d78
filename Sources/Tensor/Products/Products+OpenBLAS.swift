#if canImport(COpenBLAS)
  import COpenBLAS
  import Foundation

  /// Products of floats with OpenBLAS, everywhere but on Apple's systems.
  extension Products {
    /// The version and build of the library.
    static var blasName: String {
      String(cString: openblas_get_config()).trimmingCharacters(in: .whitespaces)
    }

    /// The kernels that it chose for this CPU.
    static var blasCore: String { String(cString: openblas_get_corename()) }

    /// Keeps it from starting its own threads, and ends where a limit denies its buffers.
    private static let prepared: Void = {
      ProcessMemory.roomForProducts
      openblas_set_num_threads(1)
    }()

    /// `C = scale A B + keep C` in floats, on the calling thread.
    static func blas(
      _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
      scale: Float, keep: Float
    ) {
      _ = prepared
      cblas_sgemm(
        CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
        b.transposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
        a.floats, blasint(a.leading(rows: m, columns: k)),
        b.floats, blasint(b.leading(rows: k, columns: n)), keep, c.floats,
        blasint(max(c.stride, n, 1)))
    }
  }
#endif
