import Foundation
import Models
import Settings
import Tensor

/// MERT's musical head: the constant-Q spectrum of the clean audio at the masked frames, by a linear
/// map and the mean squared error over frames and bins.
///
/// Source: Li et al. 2023, 3.3; MERT `model_cqt_pred`.
public struct SpectrumPrediction: Head {
  /// The numbers of a recipe's `objective.cqt`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Number of frequency bins, a multiple of 7: `bins / 7` in each of seven octaves from 32.7 Hz.
    public var bins = 336
    /// Compression of the target to `ln(1 + compression · magnitude)`; 0 is the magnitude itself, as published,
    /// where low notes outweigh all others.
    public var compression: Float = 0
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// of this term.
    public var layer: Int?
    /// MERT's numbers.
    public init() {}

    /// Seven octaves have as many bins each, at most one a cent.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("bins", bins, in: 7...8_400)
      try require(
        bins % 7 == 0, "bins", "must be a multiple of 7, for seven octaves, is \(bins)")
      try require(notNegative: "compression", compression)
    }
  }

  private var projection: Linear

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    projection = .uniform(from: hidden, to: config.bins, using: &generator)
  }

  /// - Parameters:
  ///   - frames: The encoder's output at the masked frames, `[N, D]`.
  ///   - spectrum: The clean spectrum of the same frames, `[N, bins]`.
  /// - Returns: A scalar.
  public func loss(at frames: Tensor, spectrum: Tensor) -> Tensor {
    (projection(frames) - spectrum).squared().mean()
  }

  /// The loss of what `ConstantQTarget` computed.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    Loss(total: loss(at: outputs, spectrum: targets.computed(for: Config.name)))
  }

  /// `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
  }
}

extension SpectrumPrediction.Config: HeadSetting {
  /// `objective.cqt`
  public static var name: String { "cqt" }
  /// `spectrum`
  public static var part: String { "spectrum" }
  /// The clean crop.
  public static var source: TargetSource { .crop }

  /// An untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    SpectrumPrediction(self, hidden: width, using: &generator)
  }

  /// The constant-Q transform of the crop.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    ConstantQTarget(self, encoder: encoder)
  }

  /// The highest bin lies below half of the sample rate.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    let highest = 32.7 * pow(2, 7 - 7 / Double(bins))
    try require(
      highest <= Double(encoder.sampleRate) / 2, "bins",
      "the highest of \(bins) bins lies at \(highest.rounded(.down).inWords) Hz, above half of encoder.sampleRate "
        + "\(encoder.sampleRate); raise that",
      against: ["encoder.sampleRate"])
  }

  /// A linear map, its output and the differences.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    HeadCost(
      parameters: bins * (width + 1), products: Double(bins) * Double(width),
      kept: 3 * Double(bins), target: Double(bins))
  }
}
