import Tensor
import Testing

/// Fails unless both have one shape, `‖a - b‖ <= tolerance ‖b‖`, and no element is off by more than 50
/// times its share of that; names the worst element.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, relative tolerance: Float = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let (a, b) = (actual.scalars, expected.scalars)
  let bound = tolerance * max(norm(b), 1e-6)
  let share = bound / Float(max(1, b.count)).squareRoot()
  let off = zip(a, b).map { $0 - $1 }
  // Written so that NaN fails.
  if actual.shape == expected.shape, norm(off) <= bound, off.allSatisfy({ abs($0) <= 50 * share }) {
    return
  }
  // Where the norm is too large, some element is off by more than its share.
  let differences = actual.differences(from: expected, relative: 0, absolute: share)
  let found = differences?.description ?? "infinite both"
  Issue.record("\(found); allowed is \(tolerance)", sourceLocation: sourceLocation)
}

private func norm(_ x: [Float]) -> Float {
  Float(x.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
}

/// Fails unless the gradient of `Σ function(x) ⊙ weights` equals central differences in every element,
/// for fixed random weights.
///
/// In float32 the step 5e-3 balances rounding against curvature; the tolerance is relative to the
/// largest component.
public func expectGradient(
  of function: (Tensor) -> Tensor, at x: Tensor, step: Float = 5e-3, tolerance: Float = 2e-3,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var generator = RandomStream(seed: 7, purpose: .probe)
  let weights = Tensor.normal(function(x).shape, using: &generator)
  func loss(_ x: Tensor) -> Tensor { (function(x) * weights).sum() }
  let leaf = x.tracked()
  guard let gradient = loss(leaf).gradients()[leaf]?.scalars else {
    Issue.record("no gradient reached the input", sourceLocation: sourceLocation)
    return
  }
  let largest = gradient.map(abs).max() ?? 0
  for i in 0..<x.elementCount {
    let (up, down) = (loss(x.nudged(i, by: step)), loss(x.nudged(i, by: -step)))
    let expected = (up.scalar - down.scalar) / (2 * step)
    if abs(gradient[i] - expected) <= tolerance * max(largest, 0.01) { continue }
    Issue.record(
      "gradient \(gradient[i]) for \(expected) at \(i) of \(x.shape)",
      sourceLocation: sourceLocation)
    return
  }
}

extension Tensor {
  /// This tensor with one element changed.
  fileprivate func nudged(_ index: Int, by amount: Float) -> Tensor {
    var copy = detached()
    copy.update { $0[index] += amount }
    return copy
  }
}

extension Tensor {
  /// A normal tensor for tests, the same for the same seed.
  public static func normal(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = RandomStream(seed: seed, purpose: .probe)
    return .normal(shape, using: &generator)
  }
}

extension Tensor {
  /// The same value as a view into larger memory that starts at an offset, NaN before and after it:
  /// an operation that reads beside its operand shows.
  public func amidNaN() -> Tensor {
    guard rank > 0 else { return self }
    let margin = Tensor.full(shape.replacing(axis: 0, with: 1), .nan)
    return Tensor.concatenated([margin, detached(), margin], axis: 0)
      .sliced(axis: 0, 1..<1 + shape[0])
  }
}

/// `expectGradient` for every one of several inputs, each a view into larger memory; also fails
/// unless one backward pass gives all inputs at once the gradients that they have alone.
public func expectGradients(
  of function: ([Tensor]) -> Tensor, at inputs: [Tensor], step: Float = 5e-3,
  tolerance: Float = 2e-3, sourceLocation: SourceLocation = #_sourceLocation
) {
  let inputs = inputs.map { $0.amidNaN() }
  let together = gradients(of: function, at: inputs, tracking: inputs.indices)
  for i in inputs.indices {
    func alone(_ x: Tensor) -> Tensor {
      function(inputs.indices.map { $0 == i ? x : inputs[$0] })
    }
    expectGradient(
      of: alone, at: inputs[i], step: step, tolerance: tolerance, sourceLocation: sourceLocation)
    let single = gradients(of: function, at: inputs, tracking: i..<i + 1)[i]
    #expect(
      single?.scalars == together[i]?.scalars, "input \(i) alone and with the others",
      sourceLocation: sourceLocation)
  }
}

/// The gradients of `Σ function(inputs) ⊙ weights` for fixed random weights.
private func gradients(
  of function: ([Tensor]) -> Tensor, at inputs: [Tensor], tracking: Range<Int>
) -> [Tensor?] {
  let leaves = inputs.indices.map { tracking.contains($0) ? inputs[$0].tracked() : inputs[$0] }
  let y = function(leaves)
  let found = (y * .normal(y.shape, seed: 8)).sum().gradients()
  return leaves.map { found[$0] }
}

/// `√(Σ (a - b)² / Σ b²)`
public func relativeRMS(_ a: Tensor, _ b: Tensor) -> Double {
  precondition(a.shape == b.shape, "relativeRMS: \(a.shape) and \(b.shape)")
  let squares = zip(a.scalars, b.scalars).reduce((0.0, 0.0)) { sum, pair in
    let difference = Double(pair.0) - Double(pair.1)
    return (sum.0 + difference * difference, sum.1 + Double(pair.1) * Double(pair.1))
  }
  return (squares.0 / squares.1).squareRoot()
}
