/// How two tensors differ: what a failing comparison has to say.
public enum TensorDifferences: Sendable, CustomStringConvertible {
  /// The shapes are not the same.
  case shapes(Shape, Shape)
  /// One holds integers, the other does not.
  case types(DType, DType)
  /// The elements are not the same.
  case elements(Elements)

  /// Elements that differ by more than the tolerance.
  public struct Elements: Sendable {
    /// How many of them there are.
    public var count: Int
    /// The shape of both tensors.
    public var shape: Shape
    /// Where the worst is, a position for each axis.
    public var worst: [Int]
    /// What stands there.
    public var actual: Float
    /// What was expected there.
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
  /// How this tensor differs from what was expected, or nil if it does not:
  ///
  /// ```swift
  /// if let differences = y.differences(from: expected, relative: 1e-5) { print(differences) }
  /// ```
  ///
  /// Elements agree if `|a - b| <= absolute + relative |b|`, or if they are the same infinity. NaN
  /// agrees with nothing. `bfloat16` and `float32` may be compared.
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

  /// The difference in tolerances: more than 1 is too much, infinite where there is no such number.
  private static func excess(_ a: Double, _ b: Double, tolerance: Double) -> Double {
    if a == b { return 0 }
    let difference = Swift.abs(a - b)
    return difference.isFinite && tolerance > 0 ? difference / tolerance : .infinity
  }

  private static func relativeNorm(_ a: [Double], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  /// The elements of any type.
  private var numbers: [Double] {
    dtype == .int32 ? integers.map(Double.init) : scalars.map(Double.init)
  }

  /// Where an element lies along each axis.
  private func position(_ index: Int) -> [Int] {
    zip(shape, rowMajorStrides(Array(shape))).map { length, stride in index / stride % length }
  }
}
