import ArgumentParser
import Cluster
import Train

/// Options of verbs that several ranks can work on.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: "How gradients travel between ranks, fp32 or bf16: half the bytes, and other last bits.")
  var exchange: GradientExchange.Wire = .fp32

  @Flag(
    help:
      "Keep the optimiser's moments of a share of the parameters on each rank (ZeRO-1): less memory, the same bits."
  )
  var shardOptimizer = false

  @Option(
    parsing: .unconditional,
    help: "Seconds for which a rank waits for another before the run ends.")
  var patience = 600.0

  func validate() throws {
    guard patience > 0, patience.isFinite else {
      throw ValidationError("--patience: \(patience) is no time; give seconds above 0")
    }
  }

  /// Runs `body` with the ranks that were started together, or with this process alone.
  func run(_ threads: ThreadOptions, _ body: (Placement) throws -> Void) throws {
    try Launched.run(threads, patience: patience) {
      try body(Placement($0, wire: exchange, shardsOptimizer: shardOptimizer))
    }
  }
}

extension GradientExchange.Wire: ExpressibleByArgument {}
