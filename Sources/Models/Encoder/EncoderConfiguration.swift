import Settings

/// The numbers of an encoder that others need: its rates, and how samples become frames.
public protocol EncoderConfiguration: Configuration {
  /// Of the waveform, Hz.
  var sampleRate: Int { get }
  /// Channels of a frame, `D`.
  var width: Int { get }
  /// Layers; there is one hidden state more.
  var layers: Int { get set }
  /// Whether a waveform is brought to mean 0 and variance 1, each file as a whole, see `prepare(_:)`.
  var normalizesWaveform: Bool { get }
  /// Samples between the starts of two frames.
  var stride: Int { get }
  /// Samples between the starts of two frames of `features`, which divide `stride`.
  var featureStride: Int { get }
  /// Samples that one frame depends on: frame `t` on `t · stride ..< t · stride + receptiveField`.
  var receptiveField: Int { get }
  /// The sample in the middle of what frame 0 is computed from.
  var firstCentre: Double { get }
  /// Frames of a waveform of so many samples; 0 if it is too short for one.
  func frameCount(samples: Int) -> Int
  /// The fewest samples that make so many frames.
  func sampleCount(frames: Int) -> Int
  /// The untrained encoder of these numbers.
  /// - Throws: `ModelError.setting`.
  func untrained(
    using generator: inout some RandomNumberGenerator
  ) throws(ModelError) -> any Encoder
  /// How many numbers such an encoder learns, part by part, without building it.
  var parameterCounts: EncoderParameterCounts { get }
  /// These numbers, but what concerns training alone, such as dropout, as in another configuration.
  func training(as other: Self) -> Self
  /// These numbers, with those written out that are left to a default: equal where encoders compute the same.
  var writtenOut: Self { get }
}

extension EncoderConfiguration {
  /// The middle of its receptive field.
  public var firstCentre: Double { Double(receptiveField - 1) / 2 }

  /// How many numbers such an encoder learns, without building it.
  public var parameterCount: Int { parameterCounts.total }

  /// Whether another configuration is of this type and equal.
  public func isEqual(to other: any EncoderConfiguration) -> Bool { (other as? Self) == self }

  /// Frames per second, nominally: a clip has a little fewer, as its last frame must fit in.
  public var frameRate: Double { Double(sampleRate) / Double(stride) }
  /// `stride`: a frame is made of one row of features.
  public var featureStride: Int { stride }

  /// A whole file's waveform as the encoder takes it: `(x - mean) / √(var + 1e-7)` if
  /// `normalizesWaveform`, else unchanged. Apply before cropping.
  ///
  /// Source: `transformers` `Wav2Vec2FeatureExtractor`. fairseq adds 1e-5 instead.
  public func prepare(_ samples: [Float]) -> [Float] {
    guard normalizesWaveform, !samples.isEmpty else { return samples }
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + Double($1) } / count
    let variance = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let scale = 1 / (variance + 1e-7).squareRoot()
    return samples.map { Float((Double($0) - mean) * scale) }
  }
}
