import Audio
import Tensor

extension KMeans {
  /// How far a fit has come.
  public enum Progress: Sendable {
    /// A seeding of the given number of them is done.
    case seeded(Int, of: Int)
    /// A mini-batch is done; `of` is the most there can be. The distance is smoothed.
    case fitted(Int, of: Int, meanSquaredDistance: Double)
  }

  /// Clusters frames by mini-batches.
  ///
  /// The best of `restarts` k-means++ seedings, each on three mini-batches' worth of frames, is
  /// refined: every frame of a mini-batch pulls its nearest centroid to the mean of all frames it
  /// ever received. The fit ends when the smoothed inertia has not improved for `patience`
  /// mini-batches. A cluster that receives no frame stays where it is; none is reassigned, as in
  /// fairseq. Frames are drawn with replacement, and not standardised.
  ///
  /// The result is the same bits for the same seed and thread count.
  ///
  /// - Parameters:
  ///   - features: Frames, `[N, D]`.
  ///   - config: The numbers of the clustering.
  ///   - seed: The seed of the run.
  ///   - workers: Who computes the seedings; the mini-batches, which follow from one another, each process computes.
  ///   - report: Called after each seeding and each mini-batch.
  /// - Throws: `KMeansError`, for too few frames, frames that are not finite or useless numbers.
  /// - Traps when: `features` has not two axes, or no channels.
  public static func fit(
    _ features: Tensor, config: Config = Config(), seed: UInt64,
    by workers: any Workers = OwnCores(),
    reporting report: (Progress) -> Void = { _ in }
  ) throws -> KMeans {
    precondition(
      features.rank == 2 && features.shape[1] > 0,
      "KMeans: expected frames [N, D], got \(features.shape)")
    try check(features, config)
    var fit = MiniBatchFit(features.detached(), config: config, seed: seed)
    try fit.seed(by: workers, report)
    fit.refine(report)
    let unscored = KMeans(centroids: fit.result, inertia: .nan)
    let inertia = unscored.totalSquaredDistance(features)
    guard Float(inertia).isFinite else {
      throw KMeansError.tooFar(frame: features.frameFarthest(from: features.columnMeans()))
    }
    return KMeans(centroids: unscored.centroids, inertia: inertia)
  }

  private static func check(_ features: Tensor, _ config: Config) throws {
    let numbers = [
      config.clusters, config.batchFrames, config.passes, config.restarts, config.patience,
    ]
    guard numbers.allSatisfy({ $0 >= 1 }) else { throw KMeansError.unusable(config) }
    guard features.shape[0] >= config.clusters else {
      throw KMeansError.tooFewFrames(frames: features.shape[0], clusters: config.clusters)
    }
    try KMeansError.check(features)
  }
}

/// A clustering on its way.
private struct MiniBatchFit {
  private let features: Tensor
  private let config: KMeans.Config
  private let randomSeed: UInt64
  /// The mean frame. All arithmetic is on differences from it, which keep their digits.
  private let origin: [Float]
  private let batchFrames: Int
  /// Less `origin`, `[K, D]`.
  private var centroids: Tensor
  /// How many frames each centroid is the mean of.
  private var received: [Int]

  init(_ features: Tensor, config: KMeans.Config, seed: UInt64) {
    (self.features, self.config, randomSeed) = (features, config, seed)
    origin = features.columnMeans()
    batchFrames = min(config.batchFrames, features.shape[0])
    centroids = .zeros([config.clusters, features.shape[1]])
    received = Array(repeating: 0, count: config.clusters)
  }

  /// The centroids where the features lie.
  var result: Tensor { centroids.rows(0..<config.clusters, minus: origin.map { -$0 }) }

  /// Takes the best of several seedings, judged on frames of their own.
  mutating func seed(by workers: any Workers, _ report: (KMeans.Progress) -> Void) throws {
    let frames = features.shape[0]
    let wanted = 3 * (batchFrames * 3 < config.clusters ? config.clusters : batchFrames)
    let count = min(wanted, frames)
    let judges = drawn(count, step: 0, sample: 0)
    var least = Double.infinity
    for first in stride(from: 1, through: config.restarts, by: workers.atOnce) {
      // As many at once as there are cores: a seeding is a long row of short loops.
      let restarts = Array(first...min(first + workers.atOnce - 1, config.restarts))
      let starts = try workers.tensors(restarts.count, progress: nil) {
        seeding(restarts[$0], frames: count)
      }
      for (restart, start) in zip(restarts, starts) {
        let inertia = NearestCentroids(of: judges, among: start).totalSquaredDistance
        if inertia < least { (least, centroids) = (inertia, start) }
        report(.seeded(restart, of: config.restarts))
      }
    }
    // None was better than infinity: squared distances overflow.
    guard least.isFinite else {
      throw KMeansError.tooFar(frame: features.frameFarthest(from: origin))
    }
  }

  /// Centroids seeded among so many frames.
  private func seeding(_ restart: Int, frames count: Int) -> Tensor {
    let frames = features.shape[0]
    var stream = self.stream(step: 0, sample: restart)
    let chosen =
      count < frames
      ? (0..<count).map { _ in Int.random(in: 0..<frames, using: &stream) } : Array(0..<frames)
    let seeding = KMeansSeeding(
      among: features.rows(chosen, minus: origin), clusters: config.clusters)
    return seeding.centroids(config.clusters, using: &stream)
  }

  /// Pulls the centroids mini-batch by mini-batch until the smoothed inertia stays.
  mutating func refine(_ report: (KMeans.Progress) -> Void) {
    let frames = features.shape[0]
    let steps = Int(Double(config.passes) * Double(frames) / Double(batchFrames))
    var inertia = SmoothedInertia(weight: 2 * Double(batchFrames) / Double(frames + 1))
    for step in 1...steps {
      let batch = drawn(batchFrames, step: step, sample: 0)
      let nearest = NearestCentroids(of: batch, among: centroids)
      pull(by: batch, nearest.codes)
      // The first batch still measures the seeding.
      guard step > 1 else { continue }
      inertia.add(nearest.totalSquaredDistance / Double(batchFrames))
      report(.fitted(step, of: steps, meanSquaredDistance: inertia.value))
      if inertia.stepsWithoutImprovement >= config.patience { return }
    }
  }

  /// `c ← c + Σ(x - c)/n`, with `n` the frames received by now: the mean of them all.
  private mutating func pull(by batch: Tensor, _ codes: [Int32]) {
    for code in codes { received[Int(code)] += 1 }
    let (received, width) = (received, batch.shape[1])
    let scale = received.map { 1 / Float(max($0, 1)) }
    let before = centroids
    batch.read { x in
      before.read { old in
        centroids.update { new in
          Cores.forEachBlock(of: width, size: 16) { columns in
            for (i, code) in codes.enumerated() {
              let (row, centroid) = (i * width, Int(code) * width)
              for d in columns {
                new[centroid + d] += scale[Int(code)] * (x[row + d] - old[centroid + d])
              }
            }
          }
        }
      }
    }
  }

  private func drawn(_ count: Int, step: Int, sample: Int) -> Tensor {
    var stream = self.stream(step: step, sample: sample)
    let chosen = (0..<count).map { _ in Int.random(in: 0..<features.shape[0], using: &stream) }
    return features.rows(chosen, minus: origin)
  }

  private func stream(step: Int, sample: Int) -> RandomStream {
    RandomStream(seed: randomSeed, purpose: .clustering, step: step, sample: sample)
  }
}

extension Tensor {
  /// The row of `[N, D]` whose largest channel differs most from `origin`.
  fileprivate func frameFarthest(from origin: [Float]) -> Int {
    let width = origin.count
    return read { x in
      let places = x.indices.lazy.map { (Swift.abs(x[$0] - origin[$0 % width]), $0 / width) }
      return places.max { $0.0 < $1.0 }!.1
    }
  }
}

/// An exponentially weighted mean of the mini-batches' inertia, and how long it has not improved.
private struct SmoothedInertia {
  private let weight: Double
  private var least = Double.infinity
  private(set) var value = Double.nan
  private(set) var stepsWithoutImprovement = 0

  init(weight: Double) { self.weight = min(weight, 1) }

  mutating func add(_ inertia: Double) {
    value = value.isNaN ? inertia : value * (1 - weight) + inertia * weight
    stepsWithoutImprovement = value < least ? 0 : stepsWithoutImprovement + 1
    least = min(least, value)
  }
}
