import Audio
import Models
import Tensor

/// The constant-Q targets of a clean crop, at the level at which the encoder takes it.
package struct CropSpectrum: Sendable {
  /// Numbers of a frame.
  package let bins: Int
  private let transform: ConstantQ
  private let frames: @Sendable (Int) -> Int
  private let compression: Float

  package init(_ config: SpectrumPrediction.Config, encoder: AudioEncoder.Config) {
    var settings = ConstantQ.Config()
    (settings.bins, settings.binsPerOctave) = (config.bins, config.bins / 7)
    settings.frameRate = encoder.frameRate
    bins = config.bins
    transform = ConstantQ(settings, sampleRate: encoder.sampleRate)
    frames = { encoder.frameCount(samples: $0) }
    compression = config.compression
  }

  /// `[L] -> [T, bins]`, row-major, cut to the encoder's frames.
  package func callAsFunction(_ samples: [Float]) -> [Float] {
    let magnitudes = transform(samples).sliced(axis: 0, 0..<frames(samples.count))
    return (compression > 0 ? (magnitudes * compression + 1).log() : magnitudes).scalars
  }
}
