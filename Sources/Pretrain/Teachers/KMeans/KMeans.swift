import Settings
import Tensor

/// A k-means clustering of feature frames: the teacher of HuBERT-style pre-training, whose codes
/// are the numbers of the nearest centroids.
///
/// Source: MacQueen 1967; Sculley, "Web-scale k-means clustering", 2010; settings and details of
/// scikit-learn's `MiniBatchKMeans` as fairseq's `learn_kmeans.py` calls it.
public struct KMeans: Sendable {
  /// The numbers of a recipe's `kmeans`; fairseq's unless set.
  public struct Config: Configuration {
    /// Number of clusters, `K`.
    public var clusters = 500
    /// Size of a mini-batch, in frames; at most all that there are.
    public var batchFrames = 10_000
    /// Greatest number of passes over the frames.
    public var passes = 100
    /// Number of seedings, of which the best one is fitted.
    public var restarts = 20
    /// Number of mini-batches without a lower smoothed inertia after which the fit ends.
    public var patience = 100

    /// fairseq's clustering.
    public init() {}

    /// Counts; a label set needs at least two clusters.
    public func validate() throws(InvalidSetting) {
      try require(
        clusters >= 2, "clusters", "\(clusters) is too few: one code tells nothing; have at least 2"
      )
      try require("clusters", clusters, in: 2...1_000_000)
      try require("batchFrames", batchFrames, in: 1...1_000_000_000)
      try require("passes", passes, in: 1...1_000_000)
      try require("restarts", restarts, in: 1...1_000_000)
      try require("patience", patience, in: 1...1_000_000_000)
    }
  }

  /// The clusters' means, `[K, D]`.
  public let centroids: Tensor
  /// The sum over the fitted frames of the squared distance to their nearest centroid.
  public let inertia: Double

  /// A clustering by known centroids, `[K, D]`.
  /// - Traps when: `centroids` has not two axes, or none in it.
  public init(centroids: Tensor, inertia: Double) {
    precondition(
      centroids.rank == 2 && centroids.elementCount > 0,
      "KMeans: expected centroids [K, D], got \(centroids.shape)")
    (self.centroids, self.inertia) = (centroids.detached(), inertia)
  }

  /// How many clusters there are, `K`.
  public var clusters: Int { centroids.shape[0] }
  /// Channels of a frame, `D`.
  public var width: Int { centroids.shape[1] }

  /// The number of the nearest centroid of each frame, the lowest where several are equally near.
  ///
  /// - Parameter features: Frames, `[N, D]`.
  /// - Complexity: `2·N·K·D` FLOP in matrix products.
  /// - Throws: `KMeansError.notFinite` if a feature or the distance of a frame is NaN or infinite.
  /// - Traps when: `features` is not `[N, D]`.
  public func assign(_ features: Tensor) throws(KMeansError) -> [Int32] {
    let blocks = nearest(to: features)
    try KMeansError.check(features)
    let distances = blocks.lazy.flatMap(\.squaredDistances)
    if let frame = distances.enumerated().first(where: { !$0.element.isFinite })?.offset {
      throw .tooFar(frame: frame)
    }
    return blocks.flatMap(\.codes)
  }

  /// The mean over frames `[N, D]` of the squared distance to the nearest centroid.
  /// - Traps when: `features` is not `[N, D]` or has no frame.
  public func meanSquaredDistance(_ features: Tensor) -> Double {
    precondition(features.shape[0] > 0, "meanSquaredDistance: no frames in \(features.shape)")
    return totalSquaredDistance(features) / Double(features.shape[0])
  }

  func totalSquaredDistance(_ features: Tensor) -> Double {
    nearest(to: features).reduce(0) { $0 + $1.totalSquaredDistance }
  }

  /// The nearest centroids, block by block so that the scores `[block, K]` stay small.
  private func nearest(to features: Tensor) -> [NearestCentroids] {
    precondition(
      features.rank == 2 && features.shape[1] == width,
      "KMeans: expected frames [N, \(width)], got \(features.shape)")
    // Differences from a common origin keep their digits where the features lie far from zero.
    let origin = centroids.columnMeans()
    let centred = centroids.rows(0..<clusters, minus: origin)
    let (frames, block) = (features.shape[0], max(256, (1 << 22) / clusters))
    return stride(from: 0, to: frames, by: block).map { start in
      let range = start..<min(start + block, frames)
      return NearestCentroids(of: features.rows(range, minus: origin), among: centred)
    }
  }
}
