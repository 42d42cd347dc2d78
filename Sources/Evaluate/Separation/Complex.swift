/// A complex number.
struct Complex {
  var real: Double
  var imaginary: Double

  init(_ real: Double, _ imaginary: Double = 0) {
    (self.real, self.imaginary) = (real, imaginary)
  }

  /// `|z|²`
  var power: Double { real * real + imaginary * imaginary }
  var conjugate: Complex { Complex(real, -imaginary) }

  /// A number of this phase and another magnitude. The phase of 0 is 0.
  func withMagnitude(_ magnitude: Double) -> Complex {
    power > 0 ? magnitude / power.squareRoot() * self : Complex(magnitude)
  }

  static func + (a: Complex, b: Complex) -> Complex {
    Complex(a.real + b.real, a.imaginary + b.imaginary)
  }

  static func - (a: Complex, b: Complex) -> Complex {
    Complex(a.real - b.real, a.imaginary - b.imaginary)
  }

  static func * (a: Complex, b: Complex) -> Complex {
    Complex(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  static func * (factor: Double, z: Complex) -> Complex {
    Complex(factor * z.real, factor * z.imaginary)
  }
}

/// A column of two complex numbers: both channels of one bin of one frame.
struct ComplexPair {
  var left: Complex
  var right: Complex

  /// The mean of `|·|²` over the channels.
  var power: Double { (left.power + right.power) / 2 }

  static func - (a: ComplexPair, b: ComplexPair) -> ComplexPair {
    ComplexPair(left: a.left - b.left, right: a.right - b.right)
  }

  static func * (factor: Double, pair: ComplexPair) -> ComplexPair {
    ComplexPair(left: factor * pair.left, right: factor * pair.right)
  }
}
