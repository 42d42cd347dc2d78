import Audio
import Models
import Settings
import Tensor

/// The constant-Q spectrum that equivariant nets read, `ln(1 + 10 · magnitude)` at the encoder's frames, `[T, bins]`.
struct PitchSpectrumTarget: CropTarget {
  private let transform: ConstantQ
  private let encoder: any EncoderConfiguration

  init(_ axis: PitchAxis, encoder: any EncoderConfiguration) {
    var settings = ConstantQ.Config()
    (settings.bins, settings.binsPerOctave) = (axis.bins, axis.binsPerOctave)
    (settings.lowestFrequency, settings.hopLength) = (axis.lowestFrequency, encoder.stride)
    settings.compression = .logarithmic
    transform = ConstantQ(settings, sampleRate: encoder.sampleRate)
    self.encoder = encoder
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    transform(samples).sliced(axis: 0, 0..<encoder.frameCount(samples: samples.count))
  }
}

/// Bins at equal distances in pitch.
struct PitchAxis {
  /// Of all.
  let bins: Int
  /// Of an octave.
  let binsPerOctave: Int
  /// Of the first bin, Hz.
  let lowestFrequency: Double

  /// Checks that the last bin lies below half of an encoder's sample rate.
  func require(below encoder: any EncoderConfiguration, _ setting: String) throws(InvalidSetting) {
    var settings = ConstantQ.Config()
    (settings.binsPerOctave, settings.lowestFrequency) = (binsPerOctave, lowestFrequency)
    let highest = settings.frequency(of: bins - 1)
    guard highest > Double(encoder.sampleRate) / 2 else { return }
    throw InvalidSetting(
      setting,
      "the highest of \(bins) bins lies at \(highest.rounded(.down).inWords) Hz, above half of encoder.sampleRate "
        + "\(encoder.sampleRate); lower it or lowestFrequency",
      against: ["encoder.sampleRate"])
  }
}
