import Audio
import Files
import Foundation
import Models
import Settings
import Tensor

/// A teacher that clusters frames and calls every one by the number of its cluster.
///
/// Source: HuBERT's iterations (fairseq `simple_kmeans`); MERT's teachers of that kind.
public struct KMeansTeacher: LabelTeacher {
  /// The numbers of a clustering as a recipe's `teacher.kmeans` has them, but for what is clustered.
  public struct Config: Configuration {
    /// Whether each file's mean is taken off its frames first (cepstral mean normalisation), so that
    /// codes tell what changes within a file and not how loud or bright it is mastered, which a front
    /// end with group norm cannot hear. fairseq does not.
    public var subtractsMean = false
    /// How the clusters are found.
    public var clustering = KMeans.Config()
    /// How many frames the clusters are found on, see `KMeansTeacher.init`. Every frame is labelled.
    public var fitFrames = 200_000
    /// HuBERT's.
    public init() {}

    /// Every cluster needs a frame.
    public func validate() throws(InvalidSetting) {
      try require("fitFrames", fitFrames, in: 1...1_000_000_000)
      try require(
        clustering.clusters <= fitFrames, "fitFrames",
        "\(fitFrames) frames cannot make \(clustering.clusters) clusters; raise it",
        against: ["clustering.clusters"])
    }
  }

  private let frames: any TeacherFrames
  private let subtractsMean: Bool
  private let kmeans: KMeans

  /// Finds the clusters of a collection.
  ///
  /// Files are taken evenly over the collection until they have four times as many frames as wanted,
  /// or all of them; of their frames every `n`-th. So memory holds `fitFrames · width` numbers, twice for a
  /// moment, and those of one file, and only a part of a large collection is heard for it.
  ///
  /// - Parameters:
  ///   - config: The settings.
  ///   - frames: What computes the frames.
  ///   - audio: The audio.
  ///   - seed: The seed of all draws.
  ///   - progress: Told how many of the files taken are heard, from 0 on.
  /// - Throws: `KMeansError` if there are too few frames; `AudioError` if a file cannot be decoded.
  public init(
    fitting config: Config, to frames: any TeacherFrames, of audio: any AudioSource, seed: UInt64,
    progress: ProgressHandler? = nil
  ) throws {
    (self.frames, subtractsMean) = (frames, config.subtractsMean)
    let sample = FrameSample(of: audio, frameRate: frames.frameRate, frames: config.fitFrames)
    progress?(0, sample.files.count)
    let parts = try sample.files.enumerated().map { number, file in
      let all = try Self.frames(of: file, in: audio, frames, config.subtractsMean)
      let part = all.gatheringRows(sample.chosen(of: all.shape[0], number: number))
      progress?(number + 1, sample.files.count)
      return part
    }
    kmeans = try KMeans.fit(
      .concatenated(parts, axis: 0), config: config.clustering, seed: seed)
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

/// Which frames of a collection a clustering is found on.
struct FrameSample {
  /// The files to hear.
  let files: [Int]
  /// One of so many frames is taken.
  let every: Int

  /// - Parameter frames: How many frames there shall be, about.
  init(of audio: any AudioSource, frameRate: Double, frames: Int) {
    let wanted = Double(max(1, frames))
    func length(_ file: Int) -> Double {
      Double(audio.samples(of: file)) / Double(audio.sampleRate) * frameRate
    }
    let all = audio.seconds * frameRate
    let stride = max(1, Int(all / (4 * wanted)))
    let order = (0..<stride).flatMap { Swift.stride(from: $0, to: audio.count, by: stride) }
    var (files, total): ([Int], Double) = ([], 0)
    for file in order where total < 4 * wanted {
      files.append(file)
      total += length(file)
    }
    self.files = files.sorted()
    every = max(1, Int((total / wanted).rounded(.up)))
  }

  /// The frames to take of the `number`-th of the files.
  func chosen(of frames: Int, number: Int) -> [Int] {
    Array(stride(from: number % every, to: frames, by: every))
  }
}
