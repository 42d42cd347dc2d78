import Models
import Tensor

/// A linear map along the circle of twelve pitch classes: what comes out turns with what goes in.
///
/// `y[h, q] = b[h] + Σ_c Σ_p x[c, p] · w[c, h, (p - q) mod 12]`, `[S, C · 12] -> [S, H · 12]`.
public struct CircularLinear: Module {
  private let (inputs, outputs): (Int, Int)
  /// `[C · H · 12, 1]`
  private var weight: Tensor
  /// `[H, 1]`
  private var bias: Tensor

  /// Weights from U(±1/√(12 C)), a bias of 0.
  public init(
    from inputs: Int, to outputs: Int, using generator: inout some RandomNumberGenerator
  ) {
    (self.inputs, self.outputs) = (inputs, outputs)
    let bound = 1 / Float(12 * inputs).squareRoot()
    weight = .uniform([inputs * outputs * 12, 1], in: -bound..<bound, using: &generator)
    bias = .zeros([outputs, 1])
  }

  /// - Parameter x: `[S, C · 12]`.
  /// - Returns: `[S, H · 12]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let matrix = weight.gatheringRows(places).reshaped([inputs * 12, outputs * 12])
    let shift = bias.gatheringRows((0..<outputs * 12).map { $0 / 12 }).reshaped([outputs * 12])
    return x.matmul(matrix) + shift
  }

  /// Where each element of the whole matrix stands in `weight`.
  private var places: [Int] {
    (0..<inputs * 12).flatMap { row in
      (0..<outputs * 12).map { column in
        let turn = (row % 12 - column % 12 + 12) % 12
        return (row / 12 * outputs + column / 12) * 12 + turn
      }
    }
  }

  /// Shows weight and bias.
  public mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }
}
