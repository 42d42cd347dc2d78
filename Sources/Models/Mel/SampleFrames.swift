import Audio
import Tensor

/// Frames that are stretches of the waveform itself, one behind the other: `[B, samples] -> [B, ⌊samples / n⌋, n]`.
///
/// Source: `Waveform` of OMAR-RQ, cut into its patches.
struct SampleFrames: FrontEnd {
  let sampleRate: Int
  /// Samples of a frame, `n`.
  let hopLength: Int

  var width: Int { hopLength }
  var reach: FrameReach { FrameReach(before: 0, after: 0) }

  func frameCount(samples: Int) -> Int { samples / hopLength }

  func write(
    featuresOf samples: UnsafeBufferPointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    let count = frameCount(samples: samples.count) * hopLength
    if count > 0 { features.update(from: samples.baseAddress!, count: count) }
  }

  func callAsFunction(_ waveforms: Tensor) -> Tensor {
    let (batch, frames) = (waveforms.shape[0], frameCount(samples: waveforms.shape[1]))
    return waveforms.sliced(axis: 1, 0..<frames * hopLength)
      .reshaped([batch, frames, hopLength])
  }
}
