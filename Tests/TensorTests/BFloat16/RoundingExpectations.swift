import Tensor
import TestSupport
import Testing

/// Half a unit in the last place of bfloat16, 2⁻⁹ of the number; the norm of many roundings is
/// smaller, that of two in a row hardly larger.
let bfloatRounding: Float = 0.002_5

/// Fails unless an operation on bfloat16 inputs gives the result and the gradients that it gives on
/// the same numbers in float32, but for their last rounding.
///
/// - Parameters:
///   - inputs: Those that are rounded to bfloat16; each lies amid NaN.
///   - parameters: Those that stay float32, as parameters do. Their gradients must be float32.
func expectRounding(
  of function: ([Tensor]) -> Tensor, at inputs: [Tensor], parameters: [Tensor] = [],
  into dtype: DType = .bfloat16, relative tolerance: Float = 2 * bfloatRounding,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let rounded = inputs.map { $0.amidNaN().cast(to: .bfloat16) }
  let half = passed(function, rounded + parameters)
  let whole = passed(function, rounded.map { $0.cast(to: .float32) } + parameters)
  #expect(half.result.dtype == dtype, sourceLocation: sourceLocation)
  expectClose(
    half.result.cast(to: .float32), whole.result, relative: tolerance,
    sourceLocation: sourceLocation)
  for (i, (a, b)) in zip(half.gradients, whole.gradients).enumerated() {
    #expect(
      a.dtype == (i < inputs.count ? .bfloat16 : .float32), "gradient \(i)",
      sourceLocation: sourceLocation)
    expectClose(
      a.cast(to: .float32), b, relative: tolerance, sourceLocation: sourceLocation)
  }
}

/// The result and all gradients of `Σ function(inputs) ⊙ weights` for weights that bfloat16 holds
/// exactly.
private func passed(
  _ function: ([Tensor]) -> Tensor, _ inputs: [Tensor]
) -> (result: Tensor, gradients: [Tensor]) {
  let leaves = inputs.map { $0.tracked() }
  let y = function(leaves)
  let weights = Tensor.normal(y.shape, seed: 8).cast(to: .bfloat16).cast(to: .float32)
  let found = (y * weights).sum().gradients()
  return (y.detached(), leaves.map { found[$0]! })
}
