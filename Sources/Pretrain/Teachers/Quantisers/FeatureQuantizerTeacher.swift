import Audio
import Models
import Tensor

/// A teacher that labels the frames of earlier models with the codes of a quantiser, a label set for each codebook.
public struct FeatureQuantizerTeacher: LabelTeacher {
  private let quantizer: ProjectedQuantizer
  private let frames: any TeacherFrames

  /// A teacher by a quantiser that is fitted already.
  public init(_ quantizer: ProjectedQuantizer, of frames: any TeacherFrames) {
    (self.quantizer, self.frames) = (quantizer, frames)
  }

  /// Fits the quantiser to a collection.
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
  /// - Throws: `QuantizerError` if there are too few frames or the training diverges; what computing the frames
  ///   throws.
  public init(
    fitting config: ProjectedQuantizer.Config, whitening: WhiteningKind = .global,
    to frames: any TeacherFrames, of audio: any AudioSource, fitFrames: Int, seed: UInt64,
    by workers: any Workers = OwnCores(), progress: ProgressHandler? = nil
  ) throws {
    let fit = try ProjectedQuantizer(
      fitting: config, whitening: whitening, to: frames, of: audio, fitFrames: fitFrames,
      seed: seed, by: workers, progress: progress)
    self.init(fit, of: frames)
  }

  /// One for each codebook.
  public var codebookSizes: [Int] { quantizer.codebookSizes }
  /// The quantiser's state.
  public var tensors: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: quantizer.state.map { ($0.path, $0.tensor) })
  }

  /// The codes of each frame, `[codebooks, frames]`.
  public func codes(of file: Int, in audio: any AudioSource) throws -> Tensor {
    try quantizer.codes(of: frames.frames(of: file, in: audio)).transposedCodes
  }
}

extension ProjectedQuantizer {
  /// One that is fitted to frames of a collection.
  init(
    fitting config: Config, whitening: WhiteningKind, to frames: any TeacherFrames,
    of audio: any AudioSource, fitFrames: Int, seed: UInt64, by workers: any Workers,
    progress: ProgressHandler?
  ) throws {
    let sample = FrameSample(of: audio, frameRate: frames.frameRate, frames: fitFrames)
    let (files, all) = (sample.files.count, sample.files.count + config.steps)
    let reading: ProgressHandler = { done, _ in progress?(done, all) }
    let chosen = try sample.gathered(by: workers, progress: reading) { file in
      try frames.frames(of: file, in: audio)
    }
    var fit = try ProjectedQuantizerFit(to: chosen, config, whitening: whitening, seed: seed)
    while fit.step < config.steps {
      try fit.advance()
      progress?(files + fit.step, all)
    }
    self = fit.quantizer.detached()
  }
}
