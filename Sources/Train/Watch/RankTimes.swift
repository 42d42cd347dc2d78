import Cluster

/// Where the time of a step goes on the first of several ranks: seconds, means over the steps since the last line of the
/// log.
public struct RankTimes: Codable, Sendable, Equatable {
  /// Computing its own batches.
  public var computing: Double
  /// Waiting for the last rank to be ready.
  public var waiting: Double
  /// Summing the gradients over all ranks.
  public var exchanging: Double
  /// The rank that computes longest if it takes 1.2 times the median or more, as `rank 3 on h3: 1.4 × the median`; nil if
  /// none does.
  public var slowest: String?
}

/// The times of ranks since the last line of the log.
struct RankPace {
  /// Of one step.
  struct Step {
    /// How long each rank computed.
    var computing: [Double]
    var waiting: Double
    var exchanging: Double
  }

  private var steps: [Step] = []
  private static let noticeable = 1.2

  /// Adds a step.
  mutating func count(_ step: Step) { steps.append(step) }

  /// The means, and begins anew; nil if no step was counted.
  mutating func take(of ranks: Ranks) -> RankTimes? {
    defer { steps = [] }
    guard let first = steps.first else { return nil }
    let count = Double(steps.count)
    let computing = first.computing.indices.map { rank in
      steps.reduce(0) { $0 + $1.computing[rank] } / count
    }
    return RankTimes(
      computing: computing[ranks.rank], waiting: steps.reduce(0) { $0 + $1.waiting } / count,
      exchanging: steps.reduce(0) { $0 + $1.exchanging } / count,
      slowest: Self.slowest(of: computing, ranks))
  }

  private static func slowest(of seconds: [Double], _ ranks: Ranks) -> String? {
    let sorted = seconds.sorted()
    guard let most = sorted.last, let rank = seconds.firstIndex(of: most) else { return nil }
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    guard most >= noticeable * median, median > 0 else { return nil }
    return "\(ranks.name(of: rank)): \((10 * most / median).rounded() / 10) × the median"
  }
}
