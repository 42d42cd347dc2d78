import Tensor

/// The complex short-time spectrum of one channel, by frames: bin `f` of frame `t` is at `t · bins + f`.
package struct ComplexSpectrum: Equatable, Sendable {
  /// Real parts, `[T, F]`.
  package var real: [Float]
  /// Imaginary parts, `[T, F]`.
  package var imaginary: [Float]

  /// - Traps when: there is not one imaginary part for each real one.
  package init(real: [Float], imaginary: [Float]) {
    precondition(
      real.count == imaginary.count,
      "ComplexSpectrum.init: needs an imaginary part for each real one, got \(imaginary.count) for"
        + " \(real.count)")
    (self.real, self.imaginary) = (real, imaginary)
  }
}

/// The complex short-time spectra of two channels, of the same frames and bins.
package struct StereoSpectrum: Equatable, Sendable {
  /// The first channel, `[T, F]`.
  package var left: ComplexSpectrum
  /// The second channel, `[T, F]`.
  package var right: ComplexSpectrum

  /// - Traps when: the channels have unlike numbers of values.
  package init(left: ComplexSpectrum, right: ComplexSpectrum) {
    precondition(
      left.real.count == right.real.count,
      "StereoSpectrum.init: needs channels of the same size, got \(left.real.count) and"
        + " \(right.real.count) values")
    (self.left, self.right) = (left, right)
  }

  /// Values of each channel, `T · F`.
  var count: Int { left.real.count }

  /// Both channels of one bin of one frame.
  subscript(place: Int) -> ComplexPair {
    get {
      ComplexPair(
        left: Complex(Double(left.real[place]), Double(left.imaginary[place])),
        right: Complex(Double(right.real[place]), Double(right.imaginary[place])))
    }
    set {
      left.real[place] = Float(newValue.left.real)
      left.imaginary[place] = Float(newValue.left.imaginary)
      right.real[place] = Float(newValue.right.real)
      right.imaginary[place] = Float(newValue.right.imaginary)
    }
  }
}
