import Foundation
import Settings
import Tensor

/// The computer that a comparison ran on.
public struct Machine: Codable, Sendable, Equatable {
  /// The processor's name, as the operating system gives it.
  public var cpu: String
  /// Cores in use.
  public var cores: Int
  /// Version of Etude.
  public var etudeVersion: String

  /// A machine.
  public init(cpu: String, cores: Int, etudeVersion: String) {
    self.cpu = cpu
    self.cores = cores
    self.etudeVersion = etudeVersion
  }

  /// This computer: `/proc/cpuinfo` and the cores that `Tensor` uses.
  public static func this(etudeVersion: String) -> Machine {
    let description = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    return Machine(
      cpu: description.flatMap(processorName) ?? "unknown processor",
      cores: Cores.count, etudeVersion: etudeVersion)
  }

  private static func processorName(in cpuinfo: String) -> String? {
    for line in cpuinfo.split(separator: "\n") where line.hasPrefix("model name") {
      return line.split(separator: ":", maxSplits: 1).last.map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }
}
