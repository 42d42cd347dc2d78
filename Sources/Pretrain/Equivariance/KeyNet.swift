import Models
import Tensor

/// A small net that computes a distribution over the twelve key signatures, or over twelve keys of each of two modes,
/// which turns with a transposition.
///
/// Convolutions along the pitch axis of each frame, the mean over frames and octaves, and the product of the
/// resulting chroma, brought to mean 0 and variance 1, with all twelve rotations of one learned profile a mode:
/// `logit[12 m + q] = Σ_p chroma[p] · profile[m][(p - q) mod 12]`. Which signature a class stands for is left open.
///
/// Source: the idea of STONE's ChromaNet (Kong et al. 2024), which has convolutions over time as well and about
/// ten times as many parameters.
public struct KeyNet: Module {
  /// Along the pitch axis.
  public var convolutions: PitchConvolutions
  /// `[12 · modes]`
  public var profile: Tensor

  /// The profiles are drawn from U(-1, 1): at a flat distribution the loss has a saddle, so it begins far from one.
  public init(
    _ config: PitchConvolutions.Config, modes: Int = 1,
    using generator: inout some RandomNumberGenerator
  ) {
    convolutions = PitchConvolutions(config, using: &generator)
    profile = .uniform([12 * modes], in: -1..<1, using: &generator)
  }

  /// - Parameter spectra: Logarithmic magnitudes, a semitone a bin, `[S, T, bins]` with `bins` a multiple of 12.
  /// - Returns: Logits of the signatures, `[S, 12 · modes]`.
  /// - Traps when: the bins are not whole octaves.
  public func callAsFunction(_ spectra: Tensor) -> Tensor {
    let (stretches, time, bins) = (spectra.shape[0], spectra.shape[1], spectra.shape[2])
    precondition(bins % 12 == 0, "KeyNet: \(bins) bins are not whole octaves of 12")
    let chroma = convolutions(spectra.reshaped([stretches * time, bins]))
      .reshaped([stretches, time * bins / 12, 12]).mean(axis: 1)
    return chroma.layerNorm(weight: nil, bias: nil).linear(weight: rotations)
  }

  /// Each profile in each of its twelve rotations, `[12 · modes, 12]`.
  private var rotations: Tensor {
    let keys = profile.elementCount
    let places = (0..<keys * 12).map { place in
      let (key, pitch) = (place / 12, place % 12)
      return key / 12 * 12 + (pitch - key % 12 + 12) % 12
    }
    return profile.reshaped([keys, 1]).gatheringRows(places).reshaped([keys, 12])
  }

  /// Shows the convolutions and the profile.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("convolutions", &convolutions)
    visitor.parameter("profile", &profile)
  }
}
