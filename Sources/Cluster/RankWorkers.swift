import Tensor

/// The cores of several ranks: each rank computes a contiguous share of the parts and sends it to the others.
public struct RankWorkers: Workers {
  private let ranks: Ranks
  /// One part on each core of each rank.
  public let atOnce: Int

  /// The cores of these ranks. A collective call.
  /// - Throws: `ClusterError`.
  public init(of ranks: Ranks) throws {
    self.ranks = ranks
    atOnce = try ranks.gather(Cores.count).reduce(0, +)
  }

  /// As the protocol says; progress is that of this rank's share, as if it were that of all.
  public func tensors(
    _ count: Int, progress: ProgressHandler?, _ body: (Int) throws -> Tensor
  ) throws -> [Tensor] {
    let own = ranks.share(of: count)
    let computed = try ranks.agree {
      try withoutActuallyEscaping({ (done: Int) in
        progress?(own.isEmpty ? count : count * done / own.count, count)
      }) { report in
        try Cores.map(own.count, progress: { done, _ in report(done) }) {
          try body(own.lowerBound + $0)
        }
      }
    }
    return try (0..<ranks.count).flatMap { rank in
      try ranks.broadcast(rank == ranks.rank ? computed : [], from: rank)
    }
  }
}

extension Ranks {
  /// Their cores, of one process or several. A collective call.
  /// - Throws: `ClusterError`.
  public var workers: any Workers {
    get throws { count > 1 ? try RankWorkers(of: self) : OwnCores() }
  }
}
