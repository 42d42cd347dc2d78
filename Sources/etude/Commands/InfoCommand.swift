import ArgumentParser
import Cluster
import Foundation
import Tensor

/// What this machine and the libraries on it can do.
struct InfoCommand: ParsableCommand, SharedCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show the CPU, the BLAS core in use, threads and memory.",
    discussion: "Example: etude info --json")

  @Flag(help: "Print one JSON object.")
  var json = false

  /// The machine, and the ranks that a launcher started.
  private struct Report: Encodable {
    var machine: Machine
    var mpi: MPI

    /// What several machines talk by.
    struct MPI: Encodable {
      /// The library that is built in; nil if none is.
      var library: String?
      var ranks: Int
    }

    private enum CodingKeys: CodingKey { case mpi }

    func encode(to encoder: any Encoder) throws {
      try machine.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(mpi, forKey: .mpi)
    }
  }

  func run() throws {
    let communicator = try Launched.communicator()
    if communicator.rank == 0 {
      try show(
        Report(
          machine: Machine.current,
          mpi: .init(library: Launcher.library, ranks: communicator.size)))
    }
    try communicator.finish()
  }

  private func show(_ report: Report) throws {
    guard json else {
      let ranks = report.mpi.ranks > 1 ? ", \(report.mpi.ranks) ranks" : ""
      print(report.machine.description)
      return print("MPI       \(report.mpi.library ?? "not built in")\(ranks)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
