import Audio
import Models
import Settings
import Tensor

/// Log-mel energies `ln(E + 1e-5)` at the encoder's frames, `[T, bands]`, of the clean crop.
///
/// Frame `t` is centred on sample `t · stride`. With `standardizesFrames`, each frame is brought to mean 0 and
/// variance 1 over its bands.
struct MelTarget: CropTarget {
  private let mel: MelSpectrogram
  private let encoder: any EncoderConfiguration
  private let standardizesFrames: Bool

  init(
    bands: Int, fftLength: Int, standardizesFrames: Bool, encoder: any EncoderConfiguration
  ) {
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength) = (bands, fftLength)
    (config.hopLength, config.compression) = (encoder.stride, .logarithmic)
    mel = MelSpectrogram(config, sampleRate: encoder.sampleRate)
    (self.encoder, self.standardizesFrames) = (encoder, standardizesFrames)
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = encoder.frameCount(samples: samples.count)
    let mel = mel(samples).sliced(axis: 0, 0..<frames)
    return standardizesFrames ? mel.layerNorm(weight: nil, bias: nil) : mel
  }
}

extension HeadSetting {
  /// Checks that a mel spectrum has a frame for each of an encoder's, which may have one at the end of a crop.
  func require(
    fftLength: Int, for encoder: any EncoderConfiguration
  ) throws(InvalidSetting) {
    let frames = 64
    try require(
      fftLength % 2 == 0 || encoder.frameCount(samples: frames * encoder.stride) <= frames,
      "fftLength",
      "\(fftLength) is odd, which leaves out the frame at the end of a crop, and encoder.input.keepsLastFrame keeps "
        + "the encoder's; choose an even number",
      against: ["encoder.input.keepsLastFrame"])
  }
}
