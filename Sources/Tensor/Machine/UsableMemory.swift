import Foundation

/// The memory that this process may use, and what limits it.
public struct UsableMemory: Codable, Sendable, CustomStringConvertible {
  /// What limits the memory.
  public enum Limit: String, Codable, Sendable {
    /// The machine has no more.
    case machine
    /// The control group, as with `docker run --memory` or in a batch system.
    case controlGroup
    /// The addresses of a process, as with `ulimit -v`.
    case addresses

    /// In words, as in `the limit of the control group`.
    public var words: String {
      switch self {
      case .machine: "all of the machine"
      case .controlGroup: "the limit of the control group"
      case .addresses: "the limit of addresses (ulimit -v)"
      }
    }
  }

  /// Bytes.
  public let bytes: UInt64
  /// What limits them.
  public let limit: Limit

  /// - Parameters:
  ///   - machine: Memory of the machine, bytes.
  ///   - controlGroup: Memory of the process's control group, bytes; nil without a limit.
  ///   - addresses: The bytes that the process may map; nil without a limit.
  package init(machine: UInt64, controlGroup: UInt64?, addresses: UInt64?) {
    let limits = [
      (machine, Limit.machine), (controlGroup ?? .max, .controlGroup),
      (addresses ?? .max, .addresses),
    ]
    (bytes, limit) = limits.min { $0.0 < $1.0 } ?? limits[0]
  }

  private init(bytes: UInt64, limit: Limit) { (self.bytes, self.limit) = (bytes, limit) }

  /// The part of one of several processes that share the machine or the control group; of addresses each has its own.
  public func divided(by processes: Int) -> UsableMemory {
    limit == .addresses ? self : UsableMemory(bytes: bytes / UInt64(processes), limit: limit)
  }

  /// That of this process, now.
  public static var current: UsableMemory {
    UsableMemory(
      machine: ProcessInfo.processInfo.physicalMemory, controlGroup: ControlGroups().memory,
      addresses: ProcessMemory.addressLimit)
  }

  /// The size and the reason, as in `4.0 GiB, the limit of the control group`.
  public var description: String {
    "\((Double(bytes) / 0x1p30 * 10).rounded() / 10) GiB, \(limit.words)"
  }
}
