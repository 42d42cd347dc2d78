import Kernels

/// The environment variable `ETUDE_MAX_CPU`: kernels, and the libraries that can be limited, then use
/// the instructions of a lesser CPU, so that its code can be tested and timed on this one.
///
/// On x86-64 it is `avx512` (without the tiles of AMX), `avx2` or `sse2`, on ARM64 `neon`. It is read once, when the
/// program starts.
/// OpenBLAS has a variable of its own, `OPENBLAS_CORETYPE` (`Haswell`, `Nehalem`).
public enum CPULimit {
  /// The variable as `NAME=VALUE`; nil if it is unset or empty.
  public static let current: String? =
    etude_processor_limit().map { "\(name)=\(String(cString: $0))" }

  /// Throws if the variable names no CPU; then nothing is limited.
  public static func check() throws(CPULimitError) {
    guard etude_processor_limit_is_known() == 0, let current else { return }
    throw CPULimitError(setting: current, known: known)
  }

  private static let name = "ETUDE_MAX_CPU"

  #if arch(x86_64)
    private static let known = ["avx512", "avx2", "sse2"]
  #else
    private static let known = ["neon"]
  #endif
}

/// A value of `ETUDE_MAX_CPU` that names no CPU.
public struct CPULimitError: Error, Equatable, CustomStringConvertible {
  /// `NAME=VALUE`
  public let setting: String
  /// The values that name one.
  public let known: [String]

  /// - Parameters:
  ///   - setting: `NAME=VALUE`
  ///   - known: The values that name a CPU.
  public init(setting: String, known: [String]) {
    (self.setting, self.known) = (setting, known)
  }

  /// The variable and the remedy, one line.
  public var description: String {
    "\(setting): no such CPU; set it to \(known.joined(separator: " or ")), or unset it"
  }
}
