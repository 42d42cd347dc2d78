import Foundation
import Kernels

/// The cores that this process may use, and what limits them. It is the default of `Cores.count`.
public struct UsableCores: Codable, Sendable, CustomStringConvertible {
  /// What limits the number of cores.
  public enum Limit: String, Codable, Sendable {
    /// The machine has no more.
    case machine
    /// The process is bound to some of them, as with `taskset`.
    case affinity
    /// The control group has a quota of processor time, as with `docker run --cpus`.
    case quota
  }

  /// Their number, at least 1. A part of a core counts as a core.
  public let count: Int
  /// What limits it.
  public let limit: Limit

  /// - Parameters:
  ///   - machine: Cores of the machine.
  ///   - affinity: Those to which the process is bound; nil where a process cannot be bound.
  ///   - quota: Processor time per second, in cores; nil without a limit.
  package init(machine: Int, affinity: Int?, quota: Double?) {
    let counts = [
      (machine, Limit.machine), (affinity ?? .max, .affinity),
      (quota.map { Int($0.rounded(.up)) } ?? .max, .quota),
    ]
    // Of equal counts, the first explains enough.
    let (count, limit) = counts.min { $0.0 < $1.0 } ?? counts[0]
    (self.count, self.limit) = (max(1, count), limit)
  }

  /// Those of this process, now. On Apple's systems all cores, fast and slow ones.
  public static var current: UsableCores {
    let bound = Int(etude_bound_cores())
    return UsableCores(
      machine: ProcessInfo.processInfo.activeProcessorCount, affinity: bound > 0 ? bound : nil,
      quota: ControlGroups().cores)
  }

  /// The number and the reason, as in `1, to which the process is bound`.
  public var description: String {
    switch limit {
    case .machine: "\(count), all of the machine"
    case .affinity: "\(count), to which the process is bound"
    case .quota: "\(count), the control group's quota of processor time"
    }
  }
}
