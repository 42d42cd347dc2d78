import Models
import Settings
import Tensor

/// The class of a crop's key, of a small net that is fitted to the collection before the first step.
///
/// The net computes a distribution over twelve tonics in two modes from the chroma of a crop (`KeyClusterFit`). A linear
/// map of the mean of the encoder's output over all frames predicts it; the loss is the cross-entropy with the mean of the
/// distributions of both halves.
///
/// Source: the idea of STONE and S-KEY (Kong et al. 2024, 2025), that two stretches of a piece have one key and that
/// estimates turn with a transposition. Different: clusters are balanced by assignment (SwAV) instead of a loss on a
/// circle, and the net is a teacher that is fitted first, so that the encoder's targets stay.
public struct KeyClusterPrediction: FittedHead {
  /// The numbers of a recipe's `objective.keyClusters`.
  public struct Config: Configuration {
    /// Weight of this term in the loss.
    public var weight: Float = 1
    /// Number of modes, each with twelve tonics.
    public var modes = 2
    /// Channels inside the net.
    public var innerWidth = 32
    /// Temperature of the assignments; a smaller one makes them more certain.
    public var sharpness: Float = 0.5
    /// Standard deviation of the noise that is added to a chroma's statistics in the fit.
    public var noise: Float = 0.1
    /// Length of the fit, in steps.
    public var fitSteps = 500
    /// Size of a batch of the fit, in crops.
    public var fitCrops = 256
    /// Learning rate of the fit.
    public var fitRate: Float = 1e-3
    /// Size of the sample of the collection that the net is fitted to, in frames.
    public var fitFrames = 50_000

    /// Two modes.
    public init() {}

    /// Counts.
    public func validate() throws(InvalidSetting) {
      try require(notNegative: "weight", weight)
      try require("modes", modes, in: 1...64)
      try require("innerWidth", innerWidth, in: 1...4_096)
      try require("sharpness", sharpness, in: 0.01...100)
      try require("noise", noise, in: 0...100)
      try require("fitSteps", fitSteps, in: 1...1_000_000)
      try require("fitCrops", fitCrops, in: 2...65_536)
      try require(positive: "fitRate", fitRate)
      try require("fitFrames", fitFrames, in: 100...100_000_000)
    }

    fileprivate var classes: Int { 12 * modes }
  }

  private let config: Config
  private var net: Frozen<KeyClusterNet>
  private var projection: Linear

  /// - Parameters:
  ///   - config: The numbers.
  ///   - hidden: The encoder's channels, `D`.
  ///   - generator: Draws the initial weights.
  public init(_ config: Config, hidden: Int, using generator: inout some RandomNumberGenerator) {
    self.config = config
    net = Frozen(
      KeyClusterNet(
        channels: KeyTarget.width / 12, inner: config.innerWidth, modes: config.modes,
        using: &generator))
    projection = .uniform(from: hidden, to: config.classes, using: &generator)
  }

  /// Fits the net to both halves of crops.
  /// - Throws: `KeyClusterError`.
  public mutating func fit(to sample: Tensor, seed: UInt64) throws {
    net = Frozen(try KeyClusterFit.net(fittedTo: sample, from: net.module, config, seed: seed))
  }

  /// The cross-entropy; with `keyClusters.accuracy`, the share of crops for which the encoder chooses the net's class, and
  /// `keyClusters.certainty`, the mean probability of the net's choices.
  public func loss(at outputs: Tensor, of targets: FrameTargets) -> Loss {
    let averages = CropAverages(over: targets)
    let classes = classes(of: averages.crops, targets)
    let logits = projection(averages.mean(of: outputs))
    return Loss(
      total: classes.crossEntropy(of: logits.softmax()),
      terms: [
        "\(Config.name).accuracy": classes.agreement(with: logits),
        "\(Config.name).certainty": Self.certainty(of: classes),
      ])
  }

  /// What the net computes of some crops of the batch, `[crops, classes]`.
  private func classes(of crops: [Int], _ targets: FrameTargets) -> Tensor {
    let rows = targets.spectra(of: Config.name).sliced(axis: 1, 0..<1)
    let halves = rows.reshaped([rows.shape[0], 2 * KeyTarget.width]).gatheringRows(crops)
    let (first, second) = net.module.logits(ofHalves: halves)
    return (first.softmax() + second.softmax()) * 0.5
  }

  /// The mean of the largest number of each row.
  private static func certainty(of rows: Tensor) -> Float {
    let (values, width) = (rows.scalars, rows.shape[1])
    let largest = (0..<rows.shape[0]).map { values[$0 * width..<($0 + 1) * width].max()! }
    return largest.reduce(0, +) / Float(largest.count)
  }

  /// `net` and `projection`
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("net", &net)
    visitor.child("projection", &projection)
  }
}

extension KeyClusterPrediction.Config: FittedHeadSetting {
  /// `objective.keyClusters`
  public static var name: String { "keyClusters" }
  /// The clean crop.
  public static var source: TargetSource { .crop }
  /// It predicts something of crops.
  public static var readsWholeCrops: Bool { true }

  /// A net that is not fitted yet, and an untrained linear map.
  public func head(
    width: Int, codebooks: [Int], using generator: inout some RandomNumberGenerator
  ) -> any Head {
    KeyClusterPrediction(self, hidden: width, using: &generator)
  }

  /// Statistics of the chroma.
  public func target(for encoder: any EncoderConfiguration) -> (any CropTarget)? {
    KeyTarget(encoder: encoder)
  }

  /// An octave of the chroma lies below half of the sample rate.
  public func validate(for encoder: any EncoderConfiguration) throws(InvalidSetting) {
    try require(
      KeyTarget.chroma(sampleRate: encoder.sampleRate).spectrum.bins > 0, "",
      "needs an octave of pitches below half of encoder.sampleRate \(encoder.sampleRate)",
      against: ["encoder.sampleRate"])
  }

  /// A linear map; the net reads a crop once.
  public func cost(width: Int, codebooks: [Int]) -> HeadCost {
    HeadCost(
      parameters: classes * (width + 1), products: 0, kept: Double(width),
      target: 2 * Double(KeyTarget.width))
  }
}
