import Settings
import Tensor

extension ComparisonReport {
  /// The computer and the program that made a report.
  public struct Origin: Codable, Sendable, Equatable {
    /// The processor's name, as the operating system gives it.
    public var cpu: String
    /// Cores in use.
    public var cores: Int
    /// Version of Etude.
    public var etudeVersion: String

    /// All of it.
    public init(cpu: String, cores: Int, etudeVersion: String) {
      (self.cpu, self.cores, self.etudeVersion) = (cpu, cores, etudeVersion)
    }

    /// This process.
    static var current: Origin {
      Origin(cpu: Machine.current.cpu, cores: Cores.count, etudeVersion: Settings.etudeVersion)
    }
  }
}
