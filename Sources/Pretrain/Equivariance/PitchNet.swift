import Models
import Tensor

/// A small net that computes a distribution over pitches, which shifts with a transposition.
///
/// Convolutions along the pitch axis of a frame, then a linear map from bins to classes with equal weights along each diagonal:
/// `logit[i] = Σ_p w[p - i + C - 1] x[p]`. Which pitch a class stands for is left open.
///
/// Source: Riou et al. 2023 (PESTO), 3.4.
public struct PitchNet: Module {
  /// Along the pitch axis.
  public var convolutions: PitchConvolutions
  /// The weights of the diagonals, those of a convolution: `[1, bins + C - 1, 1]`.
  public var diagonals: Tensor
  private let classes: Int

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
    let length = bins + classes - 1
    diagonals = .initial([1, length, 1], fanIn: length, using: &generator)
    self.classes = classes
  }

  /// - Parameter spectra: Logarithmic magnitudes at equal distances in pitch, `[N, bins]`.
  /// - Returns: Logits, `[N, C]`.
  public func callAsFunction(_ spectra: Tensor) -> Tensor {
    convolutions(spectra).linear(weight: map)
  }

  /// The diagonals as a matrix, `[C, bins]`. As a convolution of one channel they make a step four times as long.
  private var map: Tensor {
    let length = diagonals.elementCount
    let bins = length - classes + 1
    let places = (0..<classes).flatMap { row in (0..<bins).map { $0 - row + classes - 1 } }
    return diagonals.reshaped([length, 1]).gatheringRows(places).reshaped([classes, bins])
  }

  /// What the net costs for one frame.
  static func cost(_ config: PitchConvolutions.Config, bins: Int, classes: Int) -> BlockCost {
    config.cost(bins: bins)
      + BlockCost(
        parameters: bins + classes - 1, tensors: 1, products: classes * bins,
        kept: bins + 4 * classes)
  }

  /// Shows the convolutions and `diagonals.weight`.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("convolutions", &convolutions)
    visitor.parameter("diagonals.weight", &diagonals)
  }
}
