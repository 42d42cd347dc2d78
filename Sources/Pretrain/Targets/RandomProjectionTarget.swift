import Audio
import Models
import Tensor

/// BEST-RQ's target: the codes that a `RandomProjectionQuantizer` assigns to the frames of a clean crop, int32
/// `[T, codebooks]`. Each frame is standardised over its channels.
///
/// Source: Chiu et al. 2022, 3.1. There the statistics are those of the whole training set.
struct RandomProjectionTarget: CropTarget {
  private let features: any CropTarget
  private let quantizer: RandomProjectionQuantizer

  init(_ config: RandomProjectionPrediction.Config, encoder: any EncoderConfiguration) {
    let width: Int
    if let kind = config.features {
      let target = FeatureTarget(kind, encoder: encoder)
      (features, width) = (target, target.width)
    } else {
      features = MelTarget(
        bands: config.bands, fftLength: config.fftLength, standardizesFrames: false,
        encoder: encoder)
      width = config.bands
    }
    quantizer = RandomProjectionQuantizer(
      width: width, codebooks: config.codebooks, codes: config.codes,
      projectedWidth: config.projectedWidth, seed: UInt64(config.seed))
  }

  func callAsFunction(_ samples: [Float]) -> Tensor { quantizer.codes(of: features(samples)) }
}
