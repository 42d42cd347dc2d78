import Audio
import Pretrain
import Settings
import Tensor

extension Recipe {
  /// Codes of frozen random projections of features (BEST-RQ), which nothing is trained for.
  ///
  /// ```yaml
  /// teacher: { randomProjection: { input: { features: logcqt336 }, codebooks: 8, codes: 1024 } }
  /// ```
  public struct RandomProjectionCodes: Configuration {
    /// The frames that are quantised.
    public var input = StackedFrames.Config()
    /// Number of quantisers, each with a projection and a codebook of its own, and a label set of its own.
    public var codebooks = 1
    /// Entries of each codebook.
    public var codes = 4_096
    /// Channels in which a projected frame and the entries are compared.
    public var projectedWidth = 16
    /// How frames are brought to mean 0 and variance 1.
    public var standardization = FrameStandardization.collection
    /// Size of the sample that the statistics of a collection are computed from, in frames, taken evenly from
    /// the collection.
    public var fitFrames = 200_000
    /// Seed of the projections and codebooks, which belong to the teacher and not to the run.
    public var seed = 142
    /// 4,096 codes of 128 log-mel bands.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1_048_576)
      try require("projectedWidth", projectedWidth, in: 1...4_096)
      try require("fitFrames", fitFrames, in: 1...1_000_000_000)
      try require("seed", seed, in: 0...Int.max)
    }
  }

  /// Over what the frames of a random projection are standardised.
  public enum FrameStandardization: String, Codable, Sendable, CaseIterable {
    /// Each channel over the collection, as published.
    case collection
    /// Each frame over its own channels: codes do not depend on how loud a frame is.
    case frame
  }
}

extension Recipe.RandomProjectionCodes: QuantizerSetting {
  /// As many label sets as codebooks.
  var codebookSizes: [Int] { Array(repeating: codes, count: codebooks) }

  func identity(for recipe: Recipe) throws -> [String] {
    try identity(kind: RandomProjectionQuantizer.kind, for: recipe)
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    let frames = try frames(for: context.recipe)
    let statistics =
      standardization == .frame
      ? nil
      : try FrameStatistics(
        of: context.audio, frames: frames, fitFrames: fitFrames, by: context.workers,
        progress: context.progress)
    let quantizer = RandomProjectionQuantizer(
      width: frames.width, codebooks: codebooks, codes: codes, projectedWidth: projectedWidth,
      statistics: statistics, seed: UInt64(seed))
    return QuantizerTeacher(StoredQuantizer(quantizer, of: frames))
  }
}
