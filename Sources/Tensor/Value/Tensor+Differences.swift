/// How two tensors differ, for the message of a failed comparison.
public enum TensorDifferences: Sendable, CustomStringConvertible {
  /// The shapes differ.
  case shapes(Shape, Shape)
  /// One tensor holds integers, the other real numbers.
  case types(DType, DType)
  /// The elements differ.
  case elements(Elements)

  /// Elements that differ by more than the tolerance.
  public struct Elements: Sendable {
    /// The number of elements that differ.
    public var count: Int
    /// The shape of both tensors.
    public var shape: Shape
    /// The indices of the element that differs most.
    public var worst: [Int]
    /// Its value.
    public var actual: Float
    /// Its expected value.
    public var expected: Float
    /// `‖actual - expected‖ / ‖expected‖` over all elements.
    public var relativeNorm: Float
  }

  /// One line, as `2 of 6 elements of [2, 3] differ, worst at [1, 2]: 6.5 for 6.0; ...`
  public var description: String {
    switch self {
    case .shapes(let actual, let expected): "shapes differ, \(actual) for \(expected)"
    case .types(let actual, let expected): "types differ, \(actual) for \(expected)"
    case .elements(let found):
      """
      \(found.count) of \(found.shape.elementCount) elements of \(found.shape) differ, \
      worst at \(found.worst): \(found.actual) for \(found.expected); \
      relative norm of the difference \(found.relativeNorm)
      """
    }
  }
}

extension Tensor {
  /// The differences between this tensor and the expected one; nil if there are none:
  ///
  /// ```swift
  /// if let differences = y.differences(from: expected, relative: 1e-5) { print(differences) }
  /// ```
  ///
  /// Elements agree if `|a - b| <= absolute + relative |b|`, or if they are the same infinity. NaN
  /// never agrees. `bfloat16` and `float32` may be compared.
  public func differences(
    from expected: Tensor, relative: Float = 1e-5, absolute: Float = 0
  ) -> TensorDifferences? {
    if shape != expected.shape { return .shapes(shape, expected.shape) }
    if (dtype == .int32) != (expected.dtype == .int32) { return .types(dtype, expected.dtype) }
    let (a, b) = (numbers, expected.numbers)
    let excess = zip(a, b).map { a, b in
      Self.excess(a, b, tolerance: Double(absolute) + Double(relative) * Swift.abs(b))
    }
    let count = excess.count { $0 > 1 }
    guard count > 0, let worst = excess.indices.max(by: { excess[$0] < excess[$1] })
    else { return nil }
    return .elements(
      TensorDifferences.Elements(
        count: count, shape: shape, worst: position(worst), actual: Float(a[worst]),
        expected: Float(b[worst]), relativeNorm: Float(Self.relativeNorm(a, b))))
  }

  /// The difference divided by the tolerance: above 1 the elements differ. Infinite if the quotient
  /// is not finite.
  private static func excess(_ a: Double, _ b: Double, tolerance: Double) -> Double {
    if a == b { return 0 }
    let difference = Swift.abs(a - b)
    return difference.isFinite && tolerance > 0 ? difference / tolerance : .infinity
  }

  private static func relativeNorm(_ a: [Double], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  /// The elements of a tensor of any type.
  private var numbers: [Double] {
    dtype == .int32 ? integers.map(Double.init) : scalars.map(Double.init)
  }

  /// The indices of an element along each axis.
  private func position(_ index: Int) -> [Int] {
    zip(shape, rowMajorStrides(Array(shape))).map { length, stride in index / stride % length }
  }
}
