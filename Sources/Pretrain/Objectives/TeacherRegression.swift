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
public struct TeacherRegression: Module {
  /// The numbers of a recipe's `objective.regression`.
  public struct Config: Configuration {
    /// The factor of the summed distances; 0 means `1/√D`.
    public var scale: Float = 0
    /// Where the distance goes over from the square to the absolute value; 0 is the square everywhere.
    public var beta: Float = 0
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

  /// - Parameter hidden: The encoder's channels, `D`.
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

  /// `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
  }
}
