import Audio
import Models
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
