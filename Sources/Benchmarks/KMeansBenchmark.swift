import Pretrain
import Tensor

/// Times a clustering of frames and the assignment of all of them.
public enum KMeansBenchmark {
  /// What was measured.
  public struct Result: Codable, Sendable {
    /// How many frames were clustered.
    public var frames: Int
    /// Channels of a frame.
    public var width: Int
    /// How many clusters.
    public var clusters: Int
    /// Seedings that the best was chosen from.
    public var restarts: Int
    /// Mini-batches until the fit ended.
    public var batches: Int
    /// Threads that worked.
    public var threads: Int
    /// Of them all: seedings and mini-batches.
    public var fitSeconds: Double
    /// Of the seedings alone.
    public var seedingSeconds: Double
    /// Of the assignment of all frames, the best of three.
    public var assignSeconds: Double
    /// The assignment's products, 10⁹ operations a second.
    public var assignGflops: Double
    /// The sum of the squared distances of all frames to their nearest centroid.
    public var inertia: Double
  }

  /// Clusters frames `[N, D]` and assigns them.
  /// - Throws: `KMeansError`.
  public static func run(
    _ features: Tensor, config: KMeans.Config, seed: UInt64
  ) throws -> Result {
    let clock = ContinuousClock()
    let start = clock.now
    var (batches, seeded) = (0, start)
    let clusters = try KMeans.fit(features, config: config, seed: seed) { progress in
      switch progress {
      case .seeded: seeded = clock.now
      case .fitted(let batch, of: _, meanSquaredDistance: _): batches = batch
      }
    }
    let fitted = clock.now
    let assignment = try (0..<3).map { _ in
      try clock.measure { _ = try clusters.assign(features) } / .seconds(1)
    }.min()!
    let products = 2 * Double(features.elementCount) * Double(config.clusters)
    return Result(
      frames: features.shape[0], width: features.shape[1], clusters: config.clusters,
      restarts: config.restarts, batches: batches, threads: Cores.count,
      fitSeconds: (fitted - start) / .seconds(1), seedingSeconds: (seeded - start) / .seconds(1),
      assignSeconds: assignment, assignGflops: products / assignment * 1e-9,
      inertia: clusters.inertia)
  }
}
