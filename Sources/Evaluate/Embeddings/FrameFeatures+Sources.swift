import Audio
import Models
import Tensor

extension FrameFeatures {
  /// The hidden states of an encoder: what enters its first transformer layer, then what leaves
  /// each. Frame `t` sees the samples from `t · hop` on, as many as the receptive field.
  public init(_ encoder: any Encoder, pooling: Pooling = .mean) {
    self.init(
      sampleRate: encoder.config.sampleRate, hopLength: encoder.config.stride,
      firstCentre: encoder.config.firstCentre, pooling: pooling,
      layers: { samples in try encoder.hiddenStates(of: samples) })
  }

  /// Mean and deviation of log-mel energies, the baseline without a model: 80 bands of windows of
  /// 1024 samples, centred on every 320th.
  public static func logMelStatistics(sampleRate: Int = 24_000) -> FrameFeatures {
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength, config.compression) = (80, 1024, .logarithmic)
    config.frameRate = Double(sampleRate) / 320
    let spectrogram = MelSpectrogram(config, sampleRate: sampleRate)
    return FrameFeatures(
      sampleRate: sampleRate, hopLength: spectrogram.hopLength, firstCentre: 0,
      pooling: .meanAndDeviation, layers: { samples in [spectrogram(samples)] })
  }
}
