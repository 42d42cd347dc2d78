import Models
import Settings
import Tensor

/// A log-mel head: the log-mel spectrum of the clean audio at the masked frames, by a linear map and the mean
/// squared error over frames and bands.
///
/// Source: the reconstruction loss of masked spectrogram models, as in SSAST (Gong et al. 2022, 2.3).
public struct MelPrediction: Head {
  /// The numbers of a recipe's `objective.mel`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Number of mel bands, from 0 Hz to half of the encoder's sample rate.
    public var bands = 128
    /// Length of the window of the transform, in samples.
    public var fftLength = 2_048
    /// Whether each frame is brought to mean 0 and variance 1 over its bands, so that loud frames weigh no
    /// more.
    public var standardizesFrames = false
    /// Layer whose output is read, from 1 on; by default what leaves the encoder. The layers above it then learn nothing
    /// of this term.
    public var layer: Int?
    /// 128 bands.
    public init() {}

    /// Bands over a transform.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("bands", bands, in: 1...4_096)
      try require("fftLength", fftLength, in: 2...1 << 20)
    }
  }

  private var projection: Linear

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    projection = .uniform(from: hidden, to: config.bands, using: &generator)
  }

  /// The loss of what `MelTarget` computed.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let mel = targets.computed(for: Config.name)
    return Loss(total: (projection(outputs) - mel).squared().mean())
  }

  /// `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("projection", &projection)
  }
}

extension MelPrediction.Config: HeadSetting {
  /// `objective.mel`
  public static var name: String { "mel" }
  /// The clean crop.
  public static var source: TargetSource { .crop }

  /// An untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    MelPrediction(self, hidden: width, using: &generator)
  }

  /// The log-mel spectrum of the crop.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    MelTarget(
      bands: bands, fftLength: fftLength, standardizesFrames: standardizesFrames,
      encoder: encoder)
  }

  /// There is a frame for each of its frames.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try require(fftLength: fftLength, for: encoder)
  }

  /// A linear map, its output and the differences.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    HeadCost(
      parameters: bands * (width + 1), products: Double(bands) * Double(width),
      kept: 3 * Double(bands), target: Double(bands))
  }
}
