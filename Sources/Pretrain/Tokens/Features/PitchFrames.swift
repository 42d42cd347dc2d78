import Audio
import Settings
import Tensor

/// The logarithm of a constant-Q transform as features of tokens: `ln(1 + compression · a)` of its magnitudes.
///
/// Source: OMAR-RQ, with 188 `bins` and squared magnitudes there.
public struct PitchFrames: FrameFeatures {
  /// Number of bins.
  public var bins = 168
  /// Bins of an octave.
  public var binsPerOctave = 24
  /// Frequency of the lowest bin, in Hz.
  public var lowestFrequency = 32.703
  /// What is compressed.
  public var measure = STFT.Measure.magnitude
  /// Factor before 1 is added and the logarithm is taken.
  public var compression: Float = 10_000

  /// Seven octaves from C1 in quarter tones.
  public init() {}

  /// Counts, a frequency and a factor.
  public func validate() throws(InvalidSetting) {
    try require("bins", bins, in: 1...8_400)
    try require("binsPerOctave", binsPerOctave, in: 1...1_200)
    try require("lowestFrequency", lowestFrequency, in: 1...100_000)
    try require(positive: "compression", compression)
  }

  /// `bins`
  public var width: Int { bins }

  private func transform(hopLength: Int) -> ConstantQ.Config {
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave) = (bins, binsPerOctave)
    (config.lowestFrequency, config.hopLength) = (lowestFrequency, hopLength)
    return config
  }

  /// The highest bin lies below half of the sample rate.
  public func validate(sampleRate: Int, hopLength: Int) throws(InvalidSetting) {
    let highest = transform(hopLength: hopLength).frequency(of: bins - 1)
    try require(
      highest <= Double(sampleRate) / 2, "bins",
      "the highest of \(bins) bins lies at \(highest.rounded(.down).inWords) Hz, above half of the sample rate "
        + "\(sampleRate); lower it",
      against: ["encoder.sampleRate"])
  }

  /// A constant-Q transform.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) -> @Sendable (_ samples: [Float]) -> Tensor {
    let transform = ConstantQ(transform(hopLength: hopLength), sampleRate: sampleRate)
    let (measure, compression) = (measure, compression)
    return { samples in
      let magnitudes = transform(samples)
      return (measure == .power ? magnitudes.squared() : magnitudes).compressed(by: compression)
    }
  }
}
