import Models
import Tensor

/// A small net that computes a distribution over pitches, which shifts with a transposition.
///
/// Convolutions along the pitch axis of a frame, then a linear map from bins to classes with equal weights along each diagonal:
/// `logit[i] = Σ_p w[p - i + C - 1] x[p]`, which is one convolution. Which pitch a class stands for is left open.
///
/// Source: Riou et al. 2023 (PESTO), 3.4.
public struct PitchNet: Module {
  /// Along the pitch axis.
  public var convolutions: PitchConvolutions
  /// The weights of the diagonals, `[1, bins + C - 1, 1]`.
  public var diagonals: Conv1d

  /// Weights from U(±1/√in).
  ///
  /// - Parameters:
  ///   - config: The numbers of the convolutions.
  ///   - bins: Of a frame.
  ///   - classes: Of the distribution, `C`.
  ///   - generator: Draws the initial weights.
  public init(
    _ config: PitchConvolutions.Config, bins: Int, classes: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    convolutions = PitchConvolutions(config, using: &generator)
    diagonals = Conv1d(
      from: 1, to: 1, kernel: bins + classes - 1, padding: .both(classes - 1), hasBias: false,
      using: &generator)
  }

  /// - Parameter spectra: Logarithmic magnitudes at equal distances in pitch, `[N, bins]`.
  /// - Returns: Logits, `[N, C]`.
  public func callAsFunction(_ spectra: Tensor) -> Tensor {
    let x = convolutions(spectra)
    let y = diagonals(x.reshaped([x.shape[0], x.shape[1], 1]))
    return y.reshaped([y.shape[0], y.shape[1]])
  }

  /// What the net costs for one frame.
  static func cost(_ config: PitchConvolutions.Config, bins: Int, classes: Int) -> BlockCost {
    config.cost(bins: bins)
      + BlockCost(
        parameters: bins + classes - 1, tensors: 1, products: classes * (bins + classes - 1),
        kept: bins + 4 * classes)
  }

  /// Shows the convolutions and the diagonals.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("convolutions", &convolutions)
    visitor.child("diagonals", &diagonals)
  }
}
