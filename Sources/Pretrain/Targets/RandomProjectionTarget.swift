import Audio
import Models
import Tensor

/// BEST-RQ's quantiser: codes of a frozen random projection of the clean audio's log-mel frames, int32
/// `[T, codebooks]`.
///
/// A frame `x` is brought to mean 0 and variance 1 over its bands. With a random matrix `P` `[bands, width]` and
/// random vectors `c_k` its code is `argmin_k ‖ xP / |xP| - c_k / |c_k| ‖`. Nothing of it is learned: a seed makes
/// `P`, from Xavier's normal distribution, and the vectors, from N(0, 1).
///
/// Source: Chiu et al. 2022, 3.1. There the statistics are those of the whole training set.
struct RandomProjectionTarget: CropTarget {
  private let mel: MelTarget
  private let quantizers: [Quantizer]

  private struct Quantizer {
    /// `[bands, width]`
    let projection: Tensor
    /// `[codes, width]`, of length 1.
    let codebook: Tensor
  }

  init(_ config: RandomProjectionPrediction.Config, encoder: AudioEncoder.Config) {
    mel = MelTarget(
      bands: config.bands, fftLength: config.fftLength, standardizesFrames: true,
      encoder: encoder)
    quantizers = (0..<config.codebooks).map { number in
      var stream = RandomStream(
        seed: UInt64(config.seed), purpose: .clustering, sample: number)
      let deviation = (2 / Float(config.bands + config.projectedWidth)).squareRoot()
      let projection = Tensor.normal(
        [config.bands, config.projectedWidth], standardDeviation: deviation, using: &stream)
      let codebook = Tensor.normal([config.codes, config.projectedWidth], using: &stream)
      return Quantizer(projection: projection, codebook: codebook.l2Normalized())
    }
  }

  func callAsFunction(_ samples: [Float]) -> Tensor {
    let frames = mel(samples)
    let codes = quantizers.map { quantizer in
      let projected = frames.matmul(quantizer.projection).l2Normalized()
      return Tensor(projected.nearest(among: quantizer.codebook).rows)
        .reshaped([frames.shape[0], 1])
    }
    return Tensor.concatenated(codes, axis: 1)
  }
}
