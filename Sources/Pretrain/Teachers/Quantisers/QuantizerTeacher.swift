import Audio
import Models
import Settings
import Tensor

/// A teacher that labels each frame with the codes of a quantiser, a label set for each codebook.
public struct QuantizerTeacher: LabelTeacher {
  /// What assigns the codes, and is kept beside the labels.
  public let stored: StoredQuantizer

  /// A teacher by a quantiser that is drawn or fitted already.
  public init(_ stored: StoredQuantizer) { self.stored = stored }

  /// Fits a `ProjectedQuantizer` to a collection.
  ///
  /// - Parameters:
  ///   - config: The numbers of the quantiser and of its training.
  ///   - whitening: How the frames are brought to mean 0 and variance 1.
  ///   - frames: What computes the frames.
  ///   - audio: The collection.
  ///   - fitFrames: How many frames it is fitted to, about, taken evenly over the collection.
  ///   - seed: Decides weights and batches.
  ///   - workers: Who computes the frames.
  ///   - progress: Called with how many files are read and steps made, of how many.
  /// - Throws: `QuantizerError` if there are too few frames or the training diverges; `AudioError` if a file
  ///   cannot be decoded.
  public init(
    fitting config: ProjectedQuantizer.Config, whitening: WhiteningKind = .global,
    to frames: StackedFrames, of audio: any AudioSource, fitFrames: Int = 200_000, seed: UInt64,
    by workers: any Workers = OwnCores(), progress: ProgressHandler? = nil
  ) throws {
    let fit = try ProjectedQuantizer(
      fitting: config, whitening: whitening, to: frames, of: audio, fitFrames: fitFrames,
      seed: seed, by: workers, progress: progress)
    self.init(StoredQuantizer(fit, of: frames))
  }

  /// One for each codebook.
  public var codebookSizes: [Int] { stored.quantizer.codebookSizes }
  /// The quantiser's state.
  public var tensors: [String: Tensor] { stored.tensors }
  /// Its kind, and what its frames are.
  public var metadata: [String: String] { stored.metadata }

  /// The codes of each frame, `[codebooks, frames]`.
  public func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    try stored.codes(of: stored.frames.frames(of: file, in: audio)).transposedCodes
  }
}

extension Tensor {
  /// int32 `[N, Q]` as `[Q, N]`.
  var transposedCodes: Tensor {
    let (all, count, books) = (integers, shape[0], shape[1])
    return Tensor(
      (0..<books).flatMap { book in (0..<count).map { all[$0 * books + book] } },
      shape: [books, count])
  }
}
