import Models
import Settings
import Tensor

/// data2vec's head: the EMA teacher's averaged features at the masked frames, by a linear map.
///
/// `loss = 1/√D · Σ_channels d(prediction - target)`, averaged over the masked frames, where
/// `d(e) = e²`, or with a `beta` above 0 the smooth L1 distance: `e² / (2 beta)` for `|e| < beta`,
/// else `|e| - beta / 2`.
///
/// Source: Baevski et al. 2022, 3.3; fairseq `data2vec_audio.py`.
public struct TeacherRegression: Head {
  /// The numbers of a recipe's `objective.regression`.
  public struct Config: Configuration {
    /// Factor of the summed distances; 0 means `1/√D`.
    public var scale: Float = 0
    /// Difference at which the distance changes from the square to the absolute value; 0 is the square
    /// everywhere.
    public var beta: Float = 0
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// of this term.
    public var layer: Int?
    /// data2vec's numbers.
    public init() {}

    /// A factor and a distance.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "scale", scale)
      try require(notNegative: "beta", beta)
    }
  }

  private var projection: Linear
  private let scale: Float
  private let beta: Float

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    projection = .uniform(from: hidden, to: hidden, using: &generator)
    beta = config.beta
    scale = config.scale > 0 ? config.scale : 1 / Float(hidden).squareRoot()
  }

  /// What the head makes of the student's frames: `[N, D] -> [N, D]`.
  public func predictions(at frames: Tensor) -> Tensor { projection(frames) }

  /// - Parameters:
  ///   - predictions: Of this head, `[N, D]`.
  ///   - targets: The teacher's features at the same frames, `[N, D]`.
  /// - Returns: The loss per frame, a scalar.
  public func loss(_ predictions: Tensor, targets: Tensor) -> Tensor {
    let differences = predictions - targets
    let distances = beta > 0 ? differences.smoothL1(beta: beta) : differences.squared()
    return distances.sum() * (scale / Float(max(1, targets.shape[0])))
  }

  /// The loss of the teacher's features, with the terms `targetSpread` and `predictionSpread`.
  /// - Throws: `EMAError.collapsed` if there is nothing left to learn from the teacher.
  /// - Traps when: there is no teacher.
  public func loss(at outputs: Tensor, of targets: FrameTargets) throws -> Loss {
    guard let taught = targets.taught else {
      preconditionFailure("TeacherRegression: there is no teacher")
    }
    let predictions = predictions(at: outputs)
    let spread = try taught.collapse.check(
      targets: taught.features, predictions: predictions, step: taught.step)
    return Loss(
      total: loss(predictions, targets: taught.features),
      terms: ["targetSpread": spread.targets, "predictionSpread": spread.predictions])
  }

  /// `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
  }
}

extension TeacherRegression.Config: HeadSetting {
  /// `objective.regression`
  public static var name: String { "regression" }
  /// The averaged teacher.
  public static var source: TargetSource { .teacher }

  /// An untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    TeacherRegression(self, hidden: width, using: &generator)
  }

  /// A linear map, its output, the targets and the differences.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    HeadCost(
      parameters: width * (width + 1), products: Double(width) * Double(width),
      kept: 4 * Double(width))
  }
}
