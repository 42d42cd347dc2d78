import Settings
import Tensor

/// Stretches of the waveform as features of tokens: frame `t` has the samples from `t · samples` on.
///
/// Source: OMAR-RQ's waveform target, patches of 960 samples at 24 kHz.
public struct WaveformFrames: FrameFeatures {
  /// Length of a frame, in samples: the samples from one frame of the encoder to the next, divided by `stack`.
  public var samples = 960

  /// 25 frames per second at 24 kHz.
  public init() {}

  /// A count.
  public func validate() throws(InvalidSetting) { try require("samples", samples, in: 1...1 << 20) }

  /// `samples`
  public var width: Int { samples }

  /// Frames lie end to end.
  public func validate(sampleRate: Int, hopLength: Int) throws(InvalidSetting) {
    try require(
      samples == hopLength, "samples", "is \(samples), and frames come every \(hopLength) samples",
      against: ["encoder"])
  }

  /// Cuts samples into frames; the last one is filled up with zeros.
  public func extractor(
    sampleRate: Int, hopLength: Int, isNormalized: Bool
  ) -> @Sendable (_ samples: [Float]) -> Tensor {
    { [samples] signal in
      let frames = (signal.count + samples - 1) / samples
      let padding = [Float](repeating: 0, count: frames * samples - signal.count)
      return Tensor(signal + padding, shape: [frames, samples])
    }
  }
}
