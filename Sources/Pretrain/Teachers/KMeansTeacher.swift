import Audio
import Foundation
import Models
import Tensor

/// A teacher that clusters audio features and calls every frame by the number of its cluster.
///
/// Source: HuBERT's first iteration (fairseq `simple_kmeans`); MERT's acoustic teacher of that kind.
public struct KMeansTeacher: Sendable {
  /// The numbers of an entry in a recipe's `teacher.kmeans`.
  public struct Config: Configuration {
    /// Which features are clustered.
    public var features = FeatureKind.mfcc39
    /// Whether each file's mean is taken off its features first (cepstral mean normalisation), so that
    /// codes tell what changes within a file and not how loud or bright it is mastered, which a front
    /// end with group norm cannot hear. fairseq does not.
    public var subtractsMean = false
    /// How the clusters are found.
    public var clustering = KMeans.Config()
    /// How many frames the clusters are found on, taken evenly from the whole collection. Every frame
    /// is labelled.
    public var fitFrames = 200_000
    /// HuBERT's first iteration.
    public init() {}
  }

  private let config: Config
  private let frontEnd: any FrontEnd
  private let kmeans: KMeans

  /// Finds the clusters of a collection.
  ///
  /// - Parameter frameRate: Frames per second, those of the model.
  /// - Throws: `KMeansError` if there are too few frames.
  public init(
    fitting config: Config, to audio: any AudioSource, frameRate: Double, seed: UInt64
  ) throws {
    self.config = config
    frontEnd = try config.features.frontEnd(sampleRate: audio.sampleRate, frameRate: frameRate)
    let frames = try Self.spreadFrames(of: audio, frontEnd, config)
    kmeans = try KMeans.fit(frames, config: config.clustering, seed: seed)
  }

  /// How many codes there are.
  public var codes: Int { kmeans.clusters }

  /// The clusters, to be kept beside the labels.
  public var tensors: [String: Tensor] { kmeans.tensors }

  /// The codes of one file's frames.
  public func codes(of samples: [Float]) -> [Int32] {
    kmeans.assign(Self.features(of: samples, frontEnd, config))
  }

  private static func features(
    of samples: [Float], _ frontEnd: any FrontEnd, _ config: Config
  ) -> Tensor {
    let frames = frontEnd(samples)
    guard config.subtractsMean, frames.shape[0] > 0 else { return frames }
    return frames - frames.mean(axis: 0, keepingDims: true)
  }

  /// About `fitFrames` frames `[count, width]`: every `n`-th of every file.
  private static func spreadFrames(
    of audio: any AudioSource, _ frontEnd: any FrontEnd, _ config: Config
  ) throws -> Tensor {
    let total = audio.seconds * frontEnd.frameRate
    let every = max(1, Int((total / Double(max(1, config.fitFrames))).rounded(.up)))
    let parts = try (0..<audio.count).map { file in
      let samples = try audio.crop(file: file, start: 0, length: audio.samples(of: file))
      let frames = features(of: samples, frontEnd, config)
      let chosen = stride(from: file % every, to: frames.shape[0], by: every)
      return frames.gatheringRows(Array(chosen))
    }
    return .concatenated(parts, axis: 0)
  }
}
