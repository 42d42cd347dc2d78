import Foundation

/// What started this process: a launcher of MPI, or nothing of that kind.
public struct Launcher: Sendable {
  /// How many ranks the launcher promises; nil if it does not say, or if there is none.
  public let promised: Int?
  /// Which of its ranks this process is; 0 if it does not say.
  public let rank: Int
  /// Its name in a message; nil if there is none.
  private let name: String?

  /// What the environment says of it.
  public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    let known = [
      ("Open MPI", size: "OMPI_COMM_WORLD_SIZE", rank: "OMPI_COMM_WORLD_RANK"),
      ("MPICH", size: "PMI_SIZE", rank: "PMI_RANK"), ("PMIx", size: "", rank: "PMIX_RANK"),
    ]
    let found = known.first { environment[$0.rank] != nil }
    name = found?.0
    promised = found.flatMap { environment[$0.size] }.flatMap(Int.init)
    rank = found.flatMap { environment[$0.rank] }.flatMap(Int.init) ?? 0
  }

  /// The MPI that is built in, `Open MPI 4.1.4`; nil if none is.
  public static var library: String? {
    #if MPI
      MPICommunicator.libraryName
    #else
      nil
    #endif
  }

  /// The ranks that were started together; this process alone if no launcher started it.
  ///
  /// - Throws: `ClusterError.launcher` if a launcher promises several ranks that this build cannot be: each process
  ///   would train by itself, all of them into the same folder.
  public func communicator() throws -> any Communicator {
    guard let name else { return SingleProcess() }
    #if MPI
      let communicator = try MPICommunicator()
      guard let promised, promised != communicator.size else { return communicator }
      throw ClusterError.launcher(
        "\(name) started \(promised) ranks, and \(MPICommunicator.libraryName), which is built in, knows of "
          + "\(communicator.size); use that one's mpiexec, or build with \(name)")
    #else
      guard promised ?? 1 > 1 || rank > 0 else { return SingleProcess() }
      throw ClusterError.launcher(
        "\(name) started \(promised.map(String.init) ?? "several") ranks, and this etude is built without MPI; "
          + "build it with 'swift build -c release --traits MPI,OneDNN'")
    #endif
  }
}
