import Audio
import Settings
import Tensor

/// Log-mel energies as features of tokens: `10 log10 max(e, 1e-10)`, or `ln(1 + compression · e)`.
///
/// Frames are centred on multiples of the hop, and the signal is mirrored at its ends.
///
/// Source: MusicFM and MuQ, whose numbers are the defaults; OMAR-RQ for `compression`, with `scale` slaney,
/// `areaNormalized`, 96 `bands` and an `fftLength` of 512.
public struct MelFrames: FrameFeatures {
  /// Number of mel bands, from 0 Hz to half of the sample rate.
  public var bands = 128
  /// Length of a transform and of its window, in samples.
  public var fftLength = 2_048
  /// Distances of the bands.
  public var scale = MelScale.htk
  /// Whether a band is scaled by 2 / its width in Hz; if not, its peak is 1.
  public var areaNormalized = false
  /// What the bands add up.
  public var measure = STFT.Measure.power
  /// Factor of the energies before 1 is added and the logarithm is taken; 0 takes decibels instead.
  public var compression: Float = 0

  /// MusicFM and MuQ.
  public init() {}

  /// Counts, and a factor.
  public func validate() throws(InvalidSetting) {
    try require("bands", bands, in: 1...4_096)
    try require("fftLength", fftLength, in: 2...1 << 20)
    try require(notNegative: "compression", compression)
  }

  /// `bands`
  public var width: Int { bands }

  /// A mel spectrogram.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) -> @Sendable (_ samples: [Float]) -> Tensor {
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength, config.hopLength) = (bands, fftLength, hopLength)
    (config.scale, config.areaNormalized, config.measure) = (scale, areaNormalized, measure)
    config.padding = .reflection
    config.compression = compression > 0 ? .none : .decibels
    let (mel, compression) = (MelSpectrogram(config, sampleRate: sampleRate), compression)
    return { samples in
      let energies = mel(samples)
      return compression > 0 ? energies.compressed(by: compression) : energies
    }
  }
}

extension Tensor {
  /// `ln(1 + factor · x)`
  func compressed(by factor: Float) -> Tensor { (self * factor + 1).log() }
}
