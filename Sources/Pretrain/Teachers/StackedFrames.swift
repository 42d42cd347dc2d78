import Audio
import Settings
import Tensor

/// Frames that a quantiser takes: the features of a front end, several consecutive frames side by side.
///
/// A front end computes `ratio` feature frames for each label. Frame `t` holds `stack` of them side by side, from
/// `t · ratio - (stack - ratio) / 2` on (rounded towards `t · ratio`), so that those of the label are in the middle.
/// Beyond the ends of the signal the nearest frame is repeated.
///
/// Source: MuQ, which stacks 4 frames at 100 a second to one at 25: `ratio` and `stack` 4.
public struct StackedFrames: TeacherFrames {
  /// The numbers of a recipe's `input`.
  public struct Config: Configuration {
    /// Features of a frame.
    public var features = FeatureKind.logmel128
    /// Rate of the feature frames, in frames per second, a multiple of the model's frame rate, which it is by
    /// default.
    public var featureRate: Double?
    /// Number of consecutive feature frames that one label is computed from.
    public var stack = 1
    /// One frame of 128 log-mel bands for each frame of the model.
    public init() {}

    /// Counts, and a rate.
    public func validate() throws(InvalidSetting) {
      if let featureRate { try require("featureRate", featureRate, in: 0.01...1_000_000) }
      try require("stack", stack, in: 1...256)
    }
  }

  /// Which features.
  public let kind: FeatureKind
  /// Feature frames for each label.
  public let ratio: Int
  /// Feature frames side by side.
  public let stack: Int
  /// Whether each file is first brought to mean 0 and variance 1 as a whole, as the model reads it.
  public let normalizesWaveform: Bool
  /// How often labels come.
  public let rate: LabelRate
  private let frontEnd: any FrontEnd

  /// Frames as a recipe asks for them.
  ///
  /// - Parameters:
  ///   - config: The numbers.
  ///   - rate: How often labels come: the model's frame rate.
  ///   - normalizesWaveform: Whether the model reads files of mean 0 and variance 1.
  /// - Throws: `InvalidSetting` if the rates do not fit.
  public init(
    _ config: Config, rate: LabelRate, normalizesWaveform: Bool
  ) throws(InvalidSetting) {
    let ratio = config.featureRate.map { ($0 / rate.labelsPerSecond).wholeIfNear } ?? 1
    guard ratio >= 1, ratio == ratio.rounded() else {
      throw InvalidSetting(
        "featureRate",
        "\(config.featureRate!.inWords) is no multiple of the model's "
          + "\(rate.labelsPerSecond.inWords) frames per second; choose one")
    }
    try self.init(
      config.features, rate: rate, ratio: Int(ratio), stack: config.stack,
      normalizesWaveform: normalizesWaveform)
  }

  /// Frames by their whole numbers, as a file keeps them.
  init(
    _ kind: FeatureKind, rate: LabelRate, ratio: Int, stack: Int, normalizesWaveform: Bool
  ) throws(InvalidSetting) {
    guard rate.hop % ratio == 0 else {
      throw InvalidSetting(
        "featureRate",
        "\(ratio) feature frames of a label are no whole number of samples, at \(rate)")
    }
    (self.kind, self.rate, self.ratio, self.stack) = (kind, rate, ratio, stack)
    self.normalizesWaveform = normalizesWaveform
    let hop = LabelRate(sampleRate: rate.sampleRate, hop: rate.hop / ratio)
    do {
      frontEnd = try kind.frontEnd(sampleRate: rate.sampleRate, frameRate: hop.labelsPerSecond)
    } catch {
      throw InvalidSetting(ratio == 1 ? "features" : "featureRate", "\(error)")
    }
  }

  /// Labels per second.
  public var frameRate: Double { rate.labelsPerSecond }
  /// Channels of a frame.
  public var width: Int { frontEnd.width * stack }

  /// The frames of the whole file, `[frames, width]`.
  public func frames(of file: Int, in audio: any AudioSource) throws -> Tensor {
    let source = normalizesWaveform ? try LevelledFile(audio, file: file) : audio
    return stacked(try frontEnd.features(of: source, file: file))
  }

  /// The frames of samples, `[frames, width]`, which are at the model's level already.
  public func callAsFunction(_ samples: [Float]) -> Tensor { stacked(frontEnd(samples)) }

  private func stacked(_ features: Tensor) -> Tensor {
    guard stack > 1 || ratio > 1 else { return features }
    let (count, before) = (features.shape[0], (stack - ratio) / 2)
    let frames = (count + ratio - 1) / ratio
    let rows = (0..<frames * stack).map { place in
      min(max(0, place / stack * ratio + place % stack - before), count - 1)
    }
    return features.gatheringRows(rows).reshaped([frames, width])
  }
}
