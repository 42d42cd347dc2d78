import Models
import Tensor

/// The codes that a stored quantiser assigns to the frames of a clean crop, int32 `[T, codebooks]`.
struct QuantizerTarget: CropTarget {
  let stored: StoredQuantizer
  let encoder: any EncoderConfiguration

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = stored.frames(samples)
    let count = encoder.frameCount(samples: samples.count)
    return stored.codes(of: frames.sliced(axis: 0, 0..<count))
  }
}
