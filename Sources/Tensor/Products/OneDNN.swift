import Synchronization

#if canImport(COneDNN)
  import COneDNN
#endif

/// Products with oneDNN: of bfloat16 where the CPU has such instructions, and of floats where it has
/// AVX-512.
///
/// The trait `OneDNN` of the package, which is on by default on Linux, builds it in. Without it,
/// products of bfloat16 are computed in floats, and all products are those of BLAS.
package enum OneDNN {
  /// A switch with which tests run the code for CPUs with AVX-512 on other CPUs: float32 products use
  /// oneDNN, with packed weights, even where BLAS is faster. Must be set before the first product of
  /// the process.
  package static let isForced = Atomic<Bool>(false)

  /// Whether large products of floats are its own.
  static var multipliesFloats: Bool {
    usesAVX512 || isPresent && isForced.load(ordering: .relaxed)
  }
}

#if canImport(COneDNN)
  extension OneDNN {
    /// Whether this build has it.
    package static let isPresent = true

    /// The version, as in `3.1.0`.
    static var version: String {
      var parts: [Int32] = [0, 0, 0]
      etude_onednn_version(&parts)
      return parts.map(String.init).joined(separator: ".")
    }

    /// Whether it uses AVX-512 for floats: the CPU has it and the environment allows it.
    static var usesAVX512: Bool { etude_onednn_has_avx512() != 0 }

    /// Whether it uses bfloat16 instructions of an x86 CPU.
    static var usesBFloat16: Bool { etude_onednn_has_bf16() != 0 }

    /// Whether it multiplies `bfloat16` with the tiles of AMX.
    static let usesTiles = etude_onednn_has_tiles() != 0

    /// `C = scale (A B + bias) + keep C` on the calling thread; of floats without a bias.
    static func product(
      _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
      bias: UnsafePointer<Float>?, scale: Float, keep: Float
    ) {
      var product = etude_product(
        rows: m, columns: n, inner: k, left_stride: a.leading(rows: m, columns: k),
        right_stride: b.leading(rows: k, columns: n), result_stride: max(c.stride, n),
        left_transposed: a.transposed ? 1 : 0, right_transposed: b.transposed ? 1 : 0,
        result_is_float: isFloat(c.dtype), scale: scale, keep: keep)
      check {
        a.dtype == .float32
          ? etude_fp32_product(&product, a.floats, b.floats, c.floats)
          : etude_bf16_product(&product, a.base, b.base, bias, c.base)
      }
    }

    /// The bytes of a packed matrix `[inner, columns]`; 0 if this CPU has no layout for it.
    static func packedByteCount(inner: Int, columns: Int, as dtype: DType) -> Int {
      etude_packed_size(inner, columns, isFloat(dtype))
    }

    /// Packs the transpose of `rows`, `[columns, inner]`.
    static func pack(
      _ rows: UnsafePointer<Float>, inner: Int, columns: Int, as dtype: DType,
      into place: UnsafeMutableRawPointer
    ) {
      check { etude_pack(inner, columns, inner, isFloat(dtype), rows, place) }
    }

    /// `C = A B + bias` with a packed B, followed by GELU if `activating`. Rows are contiguous.
    static func product(
      rows: Int, inner: Int, columns: Int, _ a: MatrixView, packed: UnsafeRawPointer,
      into c: MutableReals, bias: UnsafePointer<Float>?, activating: Bool
    ) {
      var product = etude_product(
        rows: rows, columns: columns, inner: inner, left_stride: inner, right_stride: 0,
        result_stride: columns, left_transposed: 0, right_transposed: 0,
        result_is_float: isFloat(c.dtype), scale: 1, keep: 0)
      check {
        etude_packed_product(
          &product, isFloat(a.dtype), activating ? 1 : 0, a.base, packed, bias, c.base)
      }
    }

    private static func isFloat(_ dtype: DType) -> Int32 { dtype == .float32 ? 1 : 0 }

    /// Runs a call, and ends where it fails or where a limit denies its buffers.
    private static func check(_ call: () -> UnsafePointer<CChar>?) {
      ProcessMemory.roomForProducts
      if let problem = call() { preconditionFailure("product: \(String(cString: problem))") }
    }
  }
#else
  extension OneDNN {
    package static let isPresent = false
    static let version = "not built in"
    static let usesAVX512 = false
    static let usesBFloat16 = false
    static let usesTiles = false

    static func product(
      _ m: Int, _ n: Int, _ k: Int, _ a: MatrixView, _ b: MatrixView, into c: MatrixTarget,
      bias: UnsafePointer<Float>?, scale: Float, keep: Float
    ) { absent() }

    static func packedByteCount(inner: Int, columns: Int, as dtype: DType) -> Int { 0 }

    static func pack(
      _ rows: UnsafePointer<Float>, inner: Int, columns: Int, as dtype: DType,
      into place: UnsafeMutableRawPointer
    ) { absent() }

    static func product(
      rows: Int, inner: Int, columns: Int, _ a: MatrixView, packed: UnsafeRawPointer,
      into c: MutableReals, bias: UnsafePointer<Float>?, activating: Bool
    ) { absent() }

    private static func absent() -> Never { preconditionFailure("product: built without oneDNN") }
  }
#endif
