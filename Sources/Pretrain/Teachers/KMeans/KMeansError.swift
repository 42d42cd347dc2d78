import Tensor

/// Why k-means could not be fitted or read.
public enum KMeansError: Error, Equatable, CustomStringConvertible {
  /// The recipe's numbers allow no clustering.
  case unusable(KMeans.Config)
  /// There are fewer frames than clusters.
  case tooFewFrames(frames: Int, clusters: Int)
  /// A feature is NaN or infinite.
  case notFinite(frame: Int, channel: Int)
  /// A frame lies so far from the others that float32 cannot hold the square of its distance.
  case tooFar(frame: Int)
  /// A stored clustering lacks a tensor or has one of the wrong shape or content.
  case unreadable(file: String, why: String)

  /// One line with the remedy.
  public var description: String {
    switch self {
    case .unusable(let config):
      "kmeans: clusters \(config.clusters), batchFrames \(config.batchFrames), passes "
        + "\(config.passes), restarts \(config.restarts) and patience \(config.patience) "
        + "must all be at least 1"
    case .tooFewFrames(let frames, let clusters):
      "kmeans: \(frames) frames cannot make \(clusters) clusters; give more audio or lower clusters"
    case .notFinite(let frame, let channel):
      "kmeans: channel \(channel) of frame \(frame) is not a finite number; "
        + "check the features of this audio"
    case .tooFar(let frame):
      "kmeans: the squared distance of frame \(frame) to its centroid is not a finite number; "
        + "check the features of this audio"
    case .unreadable(let file, let why):
      "\(file): not a k-means clustering, \(why); fit the teacher again"
    }
  }
}

extension KMeansError {
  /// That features `[N, D]` are finite.
  static func check(_ features: Tensor) throws(KMeansError) {
    guard let place = features.firstNonFinite else { return }
    throw .notFinite(frame: place / features.shape[1], channel: place % features.shape[1])
  }
}
