/// The covariance of two channels, a Hermitian matrix: `[[left, cross], [conj(cross), right]]`.
struct Covariance {
  var left: Double
  var right: Double
  var cross: Complex

  /// `[[1, 0], [0, 1]]`
  static let identity = Covariance(left: 1, right: 1, cross: Complex(0))
  static let zero = Covariance(left: 0, right: 0, cross: Complex(0))

  init(left: Double, right: Double, cross: Complex) {
    (self.left, self.right, self.cross) = (left, right, cross)
  }

  /// `y yᴴ`
  init(of y: ComplexPair) {
    self.init(left: y.left.power, right: y.right.power, cross: y.left * y.right.conjugate)
  }

  /// `C⁻¹ x`
  func solve(_ x: ComplexPair) -> ComplexPair {
    let determinant = left * right - cross.power
    return (1 / determinant)
      * ComplexPair(
        left: right * x.left - cross * x.right,
        right: left * x.right - cross.conjugate * x.left)
  }

  static func + (a: Covariance, b: Covariance) -> Covariance {
    Covariance(left: a.left + b.left, right: a.right + b.right, cross: a.cross + b.cross)
  }

  static func * (factor: Double, c: Covariance) -> Covariance {
    Covariance(left: factor * c.left, right: factor * c.right, cross: factor * c.cross)
  }

  static func * (c: Covariance, x: ComplexPair) -> ComplexPair {
    ComplexPair(
      left: c.left * x.left + c.cross * x.right,
      right: c.cross.conjugate * x.left + c.right * x.right)
  }
}
