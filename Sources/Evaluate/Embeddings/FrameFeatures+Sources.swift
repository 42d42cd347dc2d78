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
}
