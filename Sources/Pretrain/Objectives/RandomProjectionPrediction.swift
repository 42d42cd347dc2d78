import Audio
import Models
import Settings
import Tensor

/// BEST-RQ's head: the codes of a frozen random projection of the clean audio, by the cosine cross-entropy of
/// `CodePrediction`. It needs no teacher: each frame of features is standardised over its own channels.
///
/// Source: Chiu et al. 2022; there the head is a linear map and a softmax.
public struct RandomProjectionPrediction: Head {
  /// The numbers of a recipe's `objective.randomProjection`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Number of quantisers, each with a projection and a codebook of its own.
    public var codebooks = 1
    /// Entries of each codebook.
    public var codes = 4_096
    /// Channels in which a projected frame and the codes are compared.
    public var projectedWidth = 16
    /// Features that are quantised, at the model's frame rate; by default log-mel energies of `bands` and
    /// `fftLength`.
    public var features: FeatureKind?
    /// Number of mel bands of a frame; only without `features`.
    public var bands = 128
    /// Length of the window of the mel transform, in samples; only without `features`.
    public var fftLength = 2_048
    /// Seed of the projections and codebooks, which belong to the objective and not to the run.
    public var seed = 142
    /// How predictions are compared with the codes.
    public var head = CodePrediction.Config()
    /// 4,096 codes of 128 bands.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("codebooks", codebooks, in: 1...1_000)
      try require("codes", codes, in: 2...1_048_576)
      try require("projectedWidth", projectedWidth, in: 1...4_096)
      try require("bands", bands, in: 1...4_096)
      try require("fftLength", fftLength, in: 2...1 << 20)
      try require("seed", seed, in: 0...Int.max)
      for (name, isDefault) in [
        ("bands", bands == Self().bands), ("fftLength", fftLength == Self().fftLength),
      ] {
        try require(
          features == nil || isDefault, name, "has no effect on named features; leave it out",
          against: ["features"])
      }
    }

    fileprivate var sizes: [Int] { Array(repeating: codes, count: codebooks) }
  }

  private var prediction: CodePrediction

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    prediction = CodePrediction(
      config.head, hidden: hidden, codebooks: config.sizes, using: &generator)
  }

  /// The loss of the codes that `RandomProjectionTarget` computed. Its terms are those of `CodePrediction` with
  /// `randomProjection.` before them.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    prediction.loss(
      at: outputs, computed: targets.computed(for: Config.name), for: Config.name)
  }

  /// The parameters of `CodePrediction`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    prediction.visit(&visitor)
  }
}

extension RandomProjectionPrediction.Config: WatchedHeadSetting {
  /// Its codebooks.
  public var watchedCodes: WatchedCodes {
    WatchedCodes(of: Self.name, codes: codes, codebooks: codebooks, remedy: "name other features")
  }
}

extension RandomProjectionPrediction.Config: HeadSetting {
  /// `objective.randomProjection`
  public static var name: String { "randomProjection" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// That of `head`.
  public var layer: Int? { head.layer }

  /// An untrained head for its codebooks.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    RandomProjectionPrediction(self, hidden: width, using: &generator)
  }

  /// The quantiser.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    RandomProjectionTarget(self, encoder: encoder)
  }

  /// The features suit its rates, and have a frame for each of its frames.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    guard let features else { return try require(fftLength: fftLength, for: encoder) }
    try require(
      features.isCentred, "features",
      "\(features.rawValue) have fewer frames than a crop; name others")
    do {
      _ = try features.frontEnd(sampleRate: encoder.sampleRate, frameRate: encoder.frameRate)
    } catch {
      throw InvalidSetting("features", "\(error)", against: ["encoder.sampleRate"])
    }
  }

  /// That of `CodePrediction`, and the codes of the batch.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    var cost = head.cost(width: width, codebooks: sizes)
    cost.target = Double(self.codebooks)
    return cost
  }
}
