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
  /// moment, and those of one file, and only a part of a large collection is read for it.
  ///
  /// - Parameters:
  ///   - clustering: How the clusters are found.
  ///   - frames: What computes the frames.
  ///   - audio: The collection.
  ///   - fitFrames: How many frames they are found on, about; every cluster needs one.
  ///   - subtractingMean: Whether the mean over each file is subtracted from its frames, also before they are
  ///     labelled.
  ///   - seed: The seed of all draws.
  ///   - progress: Called with how many of the files taken are read, from 0 on, and how many these are.
  /// - Throws: `KMeansError` if there are too few frames; `AudioError` if a file cannot be decoded.
  public init(
    fitting clustering: KMeans.Config, to frames: any TeacherFrames, of audio: any AudioSource,
    fitFrames: Int = 200_000, subtractingMean: Bool = false, seed: UInt64,
    progress: ProgressHandler? = nil
  ) throws {
    (self.frames, subtractsMean) = (frames, subtractingMean)
    let sample = FrameSample(of: audio, frameRate: frames.frameRate, frames: fitFrames)
    progress?(0, sample.files.count)
    let parts = try sample.files.enumerated().map { number, file in
      let all = try Self.frames(of: file, in: audio, frames, subtractingMean)
      let part = all.gatheringRows(sample.chosen(of: all.shape[0], number: number))
      progress?(number + 1, sample.files.count)
      return part
    }
    kmeans = try KMeans.fit(.concatenated(parts, axis: 0), config: clustering, seed: seed)
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
  /// The files to read.
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
