import Models
import Settings
import Tensor

/// data2vec's head: the EMA teacher's averaged features at the masked frames, by a linear map. With a decoder it gets
/// the frames that were kept, and maps what the decoder makes of the others.
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
    /// What predicts masked frames from their neighbours where the transformer leaves them out. Belongs together with
    /// `mask.multi`.
    public var decoder: MaskDecoder.Config?
    /// data2vec's numbers.
    public init() {}

    /// A factor and a distance.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "scale", scale)
      try require(notNegative: "beta", beta)
    }
  }

  private var decoder: MaskDecoder?
  private var projection: Linear
  private let scale: Float
  private let beta: Float

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    decoder = config.decoder.map { MaskDecoder($0, from: hidden, using: &generator) }
    projection = .uniform(
      from: config.decoder?.width ?? hidden, to: hidden, using: &generator)
    beta = config.beta
    scale = config.scale > 0 ? config.scale : 1 / Float(hidden).squareRoot()
  }

  /// What the head predicts from the student's frames: `[N, D] -> [N, D]`, or `[views · kept, D] -> [N, D]` with a
  /// decoder.
  /// - Traps when: there are views without a decoder, or a decoder without views.
  public func predictions(at frames: Tensor, filling views: MaskedViews? = nil) -> Tensor {
    precondition(
      (decoder == nil) == (views == nil),
      "TeacherRegression: a decoder and views without their masked frames go together")
    guard let decoder, let views else { return projection(frames) }
    return projection(decoder(frames, filling: views))
  }

  /// - Parameters:
  ///   - predictions: Of this head, `[N, D]`.
  ///   - targets: The teacher's features at the same frames, `[N, D]`.
  /// - Returns: The loss per frame, a scalar.
  public func loss(_ predictions: Tensor, targets: Tensor) -> Tensor {
    let differences = predictions - targets
    let distances = beta > 0 ? differences.smoothL1(beta: beta) : differences.squared()
    return distances.sum() * (scale / Float(max(1, targets.shape[0])))
  }

  /// The loss of the teacher's features, with the terms `targetSpread` and `predictionSpread` unless it is of a single
  /// frame.
  /// - Throws: `EMAError.collapsed` if there is nothing left to learn from the teacher.
  /// - Traps when: there is no teacher.
  public func loss(at outputs: Tensor, of targets: FrameTargets) throws -> Loss {
    guard let taught = targets.taught else {
      preconditionFailure("TeacherRegression: there is no teacher")
    }
    let predictions = predictions(at: outputs, filling: taught.views)
    let spread = try taught.collapse.check(
      targets: taught.features, predictions: predictions, step: taught.step)
    var loss = Loss(total: loss(predictions, targets: taught.features))
    (loss.terms["targetSpread"], loss.terms["predictionSpread"]) = (
      spread?.targets, spread?.predictions
    )
    return loss
  }

  /// `decoder` if there is one, and `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("decoder", &decoder)
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

  /// The decoder leaves a fraction of the encoder's groups.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    guard let decoder else { return }
    try require(
      encoder is AudioEncoder.Config, "decoder",
      "belongs together with frames that are left out, but the layers of this encoder convolve over all of them; "
        + "leave it and mask.multi out",
      against: ["mask.multi"])
    try require(
      encoder.width % decoder.groups == 0, "decoder.groups",
      "\(decoder.groups) does not divide encoder.width \(encoder.width)",
      against: ["encoder.width"])
  }

  /// A linear map, its output, the targets and the differences; a decoder is not among them.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    let input = decoder?.width ?? width
    let layers = decoder?.cost(from: width).parameters ?? 0
    return HeadCost(
      parameters: layers + width * (input + 1), products: Double(input) * Double(width),
      kept: 3 * Double(width) + Double(input))
  }
}
