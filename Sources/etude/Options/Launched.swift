import Cluster
import Foundation
import Tensor
import Train

/// What a launcher of several ranks started.
enum Launched {
  private static let launcher = Launcher()

  /// The ranks that were started together.
  /// - Throws: `ClusterError.launcher` on the first rank; the others end without a word.
  static func communicator() throws -> any Communicator {
    try spokenByFirst { try launcher.communicator() }
  }

  /// Refuses to run a verb once on every rank.
  /// - Throws: As above.
  static func refuse(_ verb: String) throws {
    guard let ranks = launcher.promised, ranks > 1 else { return }
    try spokenByFirst {
      throw ClusterError.launcher(
        "etude \(verb): is not for several ranks, and a launcher started \(ranks); run it without one"
      )
    }
  }

  /// Runs `body` with the ranks that were started together, or with this process alone. Ranks that fail together leave
  /// together, and the first of them says why. One that fails by itself says so and ends all.
  static func run(
    _ threads: ThreadOptions, patience: Double = 600, _ body: (Ranks) throws -> Void
  ) throws {
    let ranks = try Ranks(
      communicator(),
      patience: Patience(seconds: patience, remarkAfter: min(60, patience / 2)))
    threads.apply(on: ranks.communicator.host)
    let outcome = Result {
      if ranks.count > 1 { try greet(ranks) }
      try body(ranks)
    }
    try end(ranks, outcome)
  }

  /// `4 ranks on 2 hosts, 8 threads each, Open MPI 4.1.4`
  private static func greet(_ ranks: Ranks) throws {
    let threads = try Set(ranks.gather(Cores.count)).sorted().map(String.init)
    guard ranks.isFirst else { return }
    let hosts = ranks.hostCount == 1 ? "1 host" : "\(ranks.hostCount) hosts"
    let span = threads == ["1"] ? "1 thread" : threads.joined(separator: " or ") + " threads"
    note("\(ranks.count) ranks on \(hosts), \(span) each, \(ranks.library ?? "no MPI")")
  }

  private static func end(_ ranks: Ranks, _ outcome: Result<Void, any Error>) throws {
    guard case .failure(let error) = outcome else { return try ranks.communicator.finish() }
    guard ranks.communicator.part(within: 2) else { abort(ranks, error) }
    try ranks.communicator.finish()
    if ranks.isFirst { throw error }
    Foundation.exit(error is TrainingStopped ? Signals.exitStatus : 1)
  }

  /// Of several ranks that wait for the same one, the lowest speaks for all: it ends the others before they do.
  private static func abort(_ ranks: Ranks, _ error: any Error) -> Never {
    usleep(200_000 * UInt32(min(10, ranks.rank)))
    note("etude: \(ranks.name(of: ranks.rank)): \(error)")
    ranks.communicator.abort(status: error is ClusterError ? Signals.exitStatus : 1)
  }

  private static func spokenByFirst<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      guard launcher.rank == 0 else { exit(1) }
      throw error
    }
  }
}

/// A verb that several ranks work on together.
protocol SharedCommand {}
