import Tensor

/// An encoder that standardises its input by statistics of a collection, which are measured before its first step.
public protocol StandardizingEncoder: Encoder {
  /// What its input is standardised by.
  var inputStatistics: InputStatistics { get set }
}

/// Mean and deviation of each band of an encoder's input, or of all bands together.
public struct InputStatistics: Sendable, Equatable {
  /// One, or one for each band.
  public var mean: [Float]
  /// As many, all above 0.
  public var deviation: [Float]

  /// - Traps when: there are not as many of both.
  public init(mean: [Float], deviation: [Float]) {
    precondition(
      mean.count == deviation.count,
      "InputStatistics: \(mean.count) means and \(deviation.count) deviations")
    (self.mean, self.deviation) = (mean, deviation)
  }
}
