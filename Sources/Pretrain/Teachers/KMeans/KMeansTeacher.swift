import Audio
import Files
import Foundation
import Models
import Settings
import Tensor

/// A teacher that clusters frames and labels each with the number of its cluster.
///
/// Source: HuBERT's iterations (fairseq `simple_kmeans`); MERT's teachers of that kind.
public struct KMeansTeacher: LabelTeacher {
  private let frames: any TeacherFrames
  private let subtractsMean: Bool
  private let kmeans: KMeans

  /// Finds the clusters of a collection.
  ///
  /// Files are taken evenly over the collection until they have four times as many frames as wanted,
  /// or all of them; of their frames every `n`-th. So memory holds `fitFrames · width` numbers, twice for a
  /// moment, and those of one file for each core, and only a part of a large collection is read for it.
  ///
  /// - Parameters:
  ///   - clustering: How the clusters are found.
  ///   - frames: What computes the frames.
  ///   - audio: The collection.
  ///   - fitFrames: How many frames they are found on, about; every cluster needs one.
  ///   - subtractingMean: Whether the mean over each file is subtracted from its frames, also before they are
  ///     labelled.
  ///   - seed: The seed of all draws.
  ///   - workers: Who computes frames and seedings.
  ///   - progress: Called with how many of the files taken are read, from 0 on, and how many these are.
  /// - Throws: `KMeansError` if there are too few frames; `AudioError` if a file cannot be decoded.
  public init(
    fitting clustering: KMeans.Config, to frames: any TeacherFrames, of audio: any AudioSource,
    fitFrames: Int = 200_000, subtractingMean: Bool = false, seed: UInt64,
    by workers: any Workers = OwnCores(), progress: ProgressHandler? = nil
  ) throws {
    (self.frames, subtractsMean) = (frames, subtractingMean)
    let sample = FrameSample(of: audio, frameRate: frames.frameRate, frames: fitFrames)
    let chosen = try sample.gathered(by: workers, progress: progress) { file in
      try Self.frames(of: file, in: audio, frames, subtractingMean)
    }
    kmeans = try KMeans.fit(chosen, config: clustering, seed: seed, by: workers)
  }

  /// A teacher by clusters that are found already.
  ///
  /// - Parameters:
  ///   - clusters: The clusters.
  ///   - frames: What computes the frames.
  ///   - subtractingMean: Whether the mean over each file is subtracted from its frames first.
  public init(_ clusters: KMeans, of frames: any TeacherFrames, subtractingMean: Bool) {
    (kmeans, self.frames, subtractsMean) = (clusters, frames, subtractingMean)
  }

  /// One codebook, a code for each cluster.
  public var codebookSizes: [Int] { [kmeans.clusters] }

  /// The clusters: `centroids` `[K, D]`, `inertia`.
  public var tensors: [String: Tensor] { kmeans.tensors }

  /// The nearest cluster of each frame, `[1, frames]`.
  public func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    let features = try Self.frames(of: file, in: audio, frames, subtractsMean)
    let codes: [Int32]
    do {
      codes = try kmeans.assign(features)
    } catch {
      throw FileError.unsuitable(path: audio.files[file].path, reason: "\(error)")
    }
    return Tensor(codes, shape: [1, codes.count])
  }

  private static func frames(
    of file: Int, in audio: any AudioSource, _ source: any TeacherFrames, _ subtractsMean: Bool
  ) throws -> Tensor {
    let frames = try source.frames(of: file, in: audio)
    guard subtractsMean, frames.shape[0] > 0 else { return frames }
    return frames - frames.mean(axis: 0, keepingDims: true)
  }
}
