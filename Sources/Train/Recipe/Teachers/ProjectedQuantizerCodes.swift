import Audio
import Pretrain
import Settings
import Tensor

extension Recipe {
  /// Codes of a residual quantiser that is fitted to features of the collection: on log-mel features MuQ's
  /// Mel-RVQ.
  ///
  /// ```yaml
  /// teacher: { projectedRVQ: { quantizer: { codebooks: 8, codes: 1024 } } }
  /// ```
  public struct ProjectedQuantizerCodes: Configuration {
    /// The frames that are quantised.
    public var input = StackedFrames.Config()
    /// The quantiser and its training; each codebook makes one label set.
    public var quantizer = ProjectedQuantizer.Config()
    /// How the frames are brought to mean 0 and variance 1 before; with `global` loud bands decide most of the codes, with
    /// `channels` all bands alike.
    public var whitening = WhiteningKind.global
    /// Size of the sample that the quantiser is fitted to, in frames, taken evenly from the collection.
    public var fitFrames = 200_000
    /// MuQ's quantiser of 128 log-mel bands.
    public init() {}

    /// There is a frame for every code.
    public func validate() throws(InvalidSetting) {
      try require("fitFrames", fitFrames, in: 1...1_000_000_000)
      try require(
        quantizer.codes <= fitFrames, "fitFrames",
        "\(fitFrames) frames cannot make \(quantizer.codes) codes; raise it",
        against: ["quantizer.codes"])
    }
  }
}

extension Recipe.ProjectedQuantizerCodes: QuantizerSetting {
  /// As many label sets as codebooks.
  var codebookSizes: [Int] { Array(repeating: quantizer.codes, count: quantizer.codebooks) }

  func identity(for recipe: Recipe) throws -> [String] {
    try identity(kind: ProjectedQuantizer.kind, for: recipe)
  }

  func teacher(for context: TeachingContext) throws -> any LabelTeacher {
    try QuantizerTeacher(
      fitting: quantizer, whitening: whitening, to: frames(for: context.recipe), of: context.audio,
      fitFrames: fitFrames, seed: context.seed, by: context.workers, progress: context.progress)
  }
}
