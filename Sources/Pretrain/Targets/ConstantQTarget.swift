import Audio
import Models
import Tensor

/// MERT's musical target: constant-Q magnitudes at the encoder's frames, `[T, bins]`, or their logarithm
/// `ln(1 + compression · magnitude)`.
///
/// Source: Li et al. 2023, 3.3.
struct ConstantQTarget: CropTarget {
  private let transform: ConstantQ
  private let encoder: any EncoderConfiguration
  private let compression: Float

  init(_ config: SpectrumPrediction.Config, encoder: any EncoderConfiguration) {
    var settings = ConstantQ.Config()
    (settings.bins, settings.binsPerOctave) = (config.bins, config.bins / 7)
    settings.hopLength = encoder.stride
    transform = ConstantQ(settings, sampleRate: encoder.sampleRate)
    (self.encoder, compression) = (encoder, config.compression)
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = encoder.frameCount(samples: samples.count)
    let magnitudes = transform(samples).sliced(axis: 0, 0..<frames)
    return compression > 0 ? (magnitudes * compression + 1).log() : magnitudes
  }
}
