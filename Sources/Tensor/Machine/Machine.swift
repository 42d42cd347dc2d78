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
  /// The cores that the process may use.
  public var usableCores: UsableCores
  /// Threads in use.
  public var threads: Int
  /// Memory of the machine, bytes.
  public var memory: UInt64
  /// The memory that the process may use.
  public var usableMemory: UsableMemory
  /// The library of float products, with version and build: OpenBLAS, or Apple's Accelerate.
  public var blas: String
  /// The kernels that it chose for this CPU.
  public var blasCore: String
  /// The version of oneDNN, which computes the bfloat16 products, or `not built in`.
  public var oneDNN: String
  /// Settings that make this machine slower than necessary, each with its remedy.
  public var warnings: [String]

  /// The machine that runs this process.
  public static var current: Machine {
    Machine(
      cpu: CPUName.current, features: features,
      cores: ProcessInfo.processInfo.activeProcessorCount, usableCores: .current,
      threads: Cores.count,
      memory: ProcessInfo.processInfo.physicalMemory, usableMemory: .current,
      blas: Products.blasName, blasCore: Products.blasCore, oneDNN: OneDNN.version,
      warnings: warnings(core: Products.blasCore))
  }

  /// Read from the processor, not from `/proc/cpuinfo`: an emulator or a virtual machine may have
  /// other features than its host. The bf16 features are left out where oneDNN may use none of them, the tiles
  /// of AMX where the system refuses them.
  private static let features: [String] = {
    let found = etude_processor_features()
    let bf16 = OneDNN.usesBFloat16 ? ETUDE_AVX512_BF16 | ETUDE_AMX_BF16 : 0
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
    return [blasLacksAVX512 ? warning(core: core) : nil, limit, lesser].compactMap { $0 }
  }

  /// Whether OpenBLAS uses the kernels of an older CPU on one with AVX-512, as versions do that do not
  /// know the CPU: 0.3.21 takes an Emerald Rapids for a Prescott.
  static let blasLacksAVX512 =
    features.contains("avx512f")
    && ["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"].contains(Products.blasCore)

  private static func warning(core: String) -> String {
    let cause =
      ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
      .map { "OPENBLAS_CORETYPE=\($0) is set; unset it" }
      ?? "this version does not know the CPU; set OPENBLAS_CORETYPE=SkylakeX, or install a later one"
    return "OpenBLAS uses its \(core) kernels on a CPU with AVX-512: \(cause)"
  }

  /// One line for each property, then the warnings.
  public var description: String {
    let lines = [
      "CPU       \(cpu), \(cores) cores: \(features.joined(separator: " "))",
      "cores     \(usableCores)",
      "memory    \(usableMemory)",
      "threads   \(threads)",
      "BLAS      \(blas), core \(blasCore)",
      "oneDNN    \(oneDNN)",
    ]
    return (lines + warnings.map { "warning   \($0)" }).joined(separator: "\n")
  }
}
