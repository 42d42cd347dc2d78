import Foundation

/// What started this process: a launcher of MPI, Slurm, or nothing of that kind.
public struct Launcher: Sendable {
  /// How many ranks the launcher promises; nil if it does not say, or if there is none.
  public let promised: Int?
  /// Which of its ranks this process is; 0 if it does not say.
  public let rank: Int
  /// Which launcher it is; nil if there is none.
  private let kind: Kind?

  /// Launchers, which set variables. `mpirun` may start its ranks by `srun`, so Slurm comes last.
  private enum Kind: String, CaseIterable {
    case openMPI = "Open MPI"
    case mpich = "MPICH"
    case pmix = "PMIx"
    /// `srun` without `--mpi`, whose tasks MPI cannot connect; or a batch script, which has a rank and no number of ranks.
    case slurm = "Slurm"

    /// The variables that hold the number of ranks and the rank. PMIx has none for the number; under `srun` Slurm's does.
    var variables: (size: String, rank: String) {
      switch self {
      case .openMPI: ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK")
      case .mpich: ("PMI_SIZE", "PMI_RANK")
      case .pmix: ("SLURM_STEP_NUM_TASKS", "PMIX_RANK")
      case .slurm: ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")
      }
    }

    /// What to do where its ranks do not find each other.
    var advice: String {
      switch self {
      case .openMPI, .mpich: "use that one's mpiexec, or build with \(rawValue)"
      case .pmix, .slurm:
        "ranks need 'srun --mpi=pmix' and a build with Open MPI, or --mpi=pmi2 and MPICH; one process needs 'srun -n 1'"
      }
    }
  }

  /// What the environment says of it.
  public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    let found = Kind.allCases.first { environment[$0.variables.rank] != nil }
    kind = found
    promised = found.flatMap { environment[$0.variables.size] }.flatMap(Int.init)
    rank = found.flatMap { environment[$0.variables.rank] }.flatMap(Int.init) ?? 0
  }

  /// The MPI that is built in, `Open MPI 4.1.4`; nil if none is.
  public static var library: String? {
    #if MPI
      MPICommunicator.libraryName
    #else
      nil
    #endif
  }

  /// The ranks that were started together; this process alone if no launcher started it, or it alone.
  ///
  /// - Throws: `ClusterError.launcher` if a launcher promises several ranks that this build cannot be: each process
  ///   would train by itself, all of them into the same folder.
  public func communicator() throws -> any Communicator {
    guard let kind, promised != 1 else { return SingleProcess() }
    if kind == .slurm { return try slurmTask() }
    #if MPI
      let communicator = try MPICommunicator()
      guard let promised, promised != communicator.size else { return communicator }
      throw ClusterError.launcher(
        "\(kind.rawValue) started \(promised) ranks, and \(MPICommunicator.libraryName), which is built in, knows of "
          + "\(communicator.size); \(kind.advice)")
    #else
      guard promised ?? 1 > 1 || rank > 0 else { return SingleProcess() }
      throw ClusterError.launcher(
        "\(kind.rawValue) started \(promised.map(String.init) ?? "several") ranks, and this etude is built without MPI; "
          + "build it with 'swift build -c release --traits MPI,OneDNN'")
    #endif
  }

  /// The process of a batch script.
  /// - Throws: `ClusterError.launcher` for one of several tasks, which MPI cannot connect.
  private func slurmTask() throws -> SingleProcess {
    guard let promised else { return SingleProcess() }
    throw ClusterError.launcher(
      "Slurm started \(promised) tasks that know nothing of each other; \(Kind.slurm.advice)")
  }
}
