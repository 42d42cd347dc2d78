import COneDNN
import COpenBLAS
import Foundation
import Kernels

/// The machine that computed a result, and the libraries it used.
public struct Machine: Codable, Sendable, CustomStringConvertible {
  /// The CPU's name.
  public var cpu: String
  /// The vector instructions of the CPU that the kernels or libraries here use.
  public var features: [String]
  /// Cores of the machine.
  public var cores: Int
  /// Threads in use.
  public var threads: Int
  /// Memory, bytes.
  public var memory: UInt64
  /// The version and build of OpenBLAS.
  public var blas: String
  /// The kernels that OpenBLAS chose for this CPU.
  public var blasCore: String
  /// The version of oneDNN, which computes the bfloat16 products.
  public var oneDNN: String
  /// Settings that make this machine slower than necessary, each with its remedy.
  public var warnings: [String]

  /// The machine that runs this process.
  public static var current: Machine {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let core = String(cString: openblas_get_corename())
    return Machine(
      cpu: field("model name", in: info), features: features,
      cores: ProcessInfo.processInfo.activeProcessorCount, threads: Cores.count,
      memory: ProcessInfo.processInfo.physicalMemory,
      blas: String(cString: openblas_get_config()).trimmingCharacters(in: .whitespaces),
      blasCore: core, oneDNN: oneDNNVersion, warnings: warnings(core: core))
  }

  private static var oneDNNVersion: String {
    var parts: [Int32] = [0, 0, 0]
    etude_onednn_version(&parts)
    return parts.map(String.init).joined(separator: ".")
  }

  /// The first value of a key in the text of `/proc/cpuinfo`.
  private static func field(_ key: String, in text: String) -> String {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: ":", maxSplits: 1).last
      .map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  /// Read from the processor, not from `/proc/cpuinfo`: an emulator or a virtual machine may have
  /// other features than its host. The bf16 features are left out where oneDNN may not use them.
  private static let features: [String] = {
    let found = etude_processor_features()
    let bf16 = etude_onednn_has_bf16() != 0 ? ETUDE_AVX512_BF16 | ETUDE_AMX_BF16 : 0
    let named = [
      ("avx2", ETUDE_AVX2), ("fma", ETUDE_FMA), ("avx512f", ETUDE_AVX512F),
      ("avx512_bf16", ETUDE_AVX512_BF16 & bf16), ("amx_bf16", ETUDE_AMX_BF16 & bf16),
      ("neon", ETUDE_NEON), ("neon_bf16", ETUDE_NEON_BF16), ("dotprod", ETUDE_DOT_PRODUCTS),
    ]
    return named.filter { found & UInt32($1) != 0 }.map(\.0)
  }()

  /// The environment variable that keeps oneDNN from using some instructions of the CPU, as
  /// `NAME=VALUE`; nil if none is set.
  public static let oneDNNLimit: String? = {
    let environment = ProcessInfo.processInfo.environment
    return ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"]
      .compactMap { name in environment[name].map { "\(name)=\($0)" } }.first
  }()

  private static func warnings(core: String) -> [String] {
    let limit = oneDNNLimit.map {
      "\($0) is set: oneDNN leaves faster instructions unused; unset it"
    }
    let lesser = CPULimit.current.map { "\($0) is set: faster instructions are unused; unset it" }
    return [warning(core: core), limit, lesser].compactMap { $0 }
  }

  private static func warning(core: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    let withoutAVX512 = ["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"]
    guard features.contains("avx512f"), withoutAVX512.contains(core) else { return nil }
    let cause =
      environment["OPENBLAS_CORETYPE"].map { "OPENBLAS_CORETYPE=\($0) is set; unset it" }
      ?? "this OpenBLAS has no kernels for the CPU; a later version may"
    return "OpenBLAS uses its \(core) kernels on a CPU with AVX-512: \(cause)"
  }

  /// One line for each property, then the warnings.
  public var description: String {
    let lines = [
      "CPU       \(cpu), \(cores) cores: \(features.joined(separator: " "))",
      "memory    \(memory >> 30) GiB",
      "threads   \(threads)",
      "BLAS      \(blas), core \(blasCore)",
      "oneDNN    \(oneDNN)",
    ]
    return (lines + warnings.map { "warning   \($0)" }).joined(separator: "\n")
  }
}
