import Settings
import Tensor
import Train

extension ComparisonReport {
  /// The computer and the program that made a report.
  public struct Origin: Codable, Sendable, Equatable {
    /// The processor's name, as the operating system gives it.
    public var cpu: String
    /// Cores in use.
    public var cores: Int
    /// Version of Etude.
    public var etudeVersion: String
    /// The commit of the source folder that the program lies in; nil if it lies in none, and in older reports.
    public var commit: String?

    /// All of it.
    public init(cpu: String, cores: Int, etudeVersion: String, commit: String? = nil) {
      (self.cpu, self.cores, self.etudeVersion) = (cpu, cores, etudeVersion)
      self.commit = commit
    }

    /// That of a process that worked on a run.
    init(_ work: RunInformation.Work) {
      self.init(
        cpu: work.cpu, cores: work.threads, etudeVersion: work.etude, commit: work.commit)
    }

    /// `Etude 0.1.0, commit 01295b8cf1a2`
    var program: String {
      "Etude \(etudeVersion)" + (commit.map { ", commit \($0.prefix(12))" } ?? "")
    }

    /// This process.
    static var current: Origin {
      Origin(
        cpu: Machine.current.cpu, cores: Cores.count, etudeVersion: Settings.etudeVersion,
        commit: RunInformation.Work.sourceCommit)
    }
  }
}
