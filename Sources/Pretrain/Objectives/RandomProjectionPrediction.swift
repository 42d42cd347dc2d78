import Models
import Settings
import Tensor

/// BEST-RQ's head: the codes of a frozen random projection of the clean audio, by the cosine cross-entropy of
/// `CodePrediction`. It needs no teacher.
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
    /// Number of mel bands of a frame.
    public var bands = 128
    /// Length of the window of the transform, in samples.
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
    let codes = targets.computed(for: Config.name)
    let (all, books) = (codes.integers, codes.shape[1])
    let sets = (0..<books).map { book in
      stride(from: book, to: all.count, by: books).map { all[$0] }
    }
    let loss = prediction.loss(at: outputs, codes: sets)
    let terms = loss.terms.map { ("\(Config.name).\($0.key)", $0.value) }
    return Loss(total: loss.total, terms: Dictionary(uniqueKeysWithValues: terms))
  }

  /// The parameters of `CodePrediction`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    prediction.visit(&visitor)
  }
}

extension RandomProjectionPrediction.Config: HeadSetting {
  /// `objective.randomProjection`
  public static var name: String { "randomProjection" }
  /// The clean crop.
  public static var source: TargetSource { .crop }

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

  /// That of `CodePrediction`, and the codes of the batch.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    var cost = head.cost(width: width, codebooks: sizes)
    cost.target = Double(self.codebooks)
    return cost
  }
}
