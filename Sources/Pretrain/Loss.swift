import Tensor

/// A loss to minimise, and what is worth watching beside it.
public struct Loss {
  /// The tracked scalar.
  public var total: Tensor
  /// Its parts before weighting, accuracies, spreads, by name.
  public var terms: [String: Float]

  /// - Parameters:
  ///   - total: The tracked scalar; 0 unless given.
  ///   - terms: Its parts, by name.
  public init(total: Tensor = Tensor(0), terms: [String: Float] = [:]) {
    (self.total, self.terms) = (total, terms)
  }

  /// Adds a weighted part; the term shows it without its weight.
  public mutating func add(_ name: String, _ part: Loss, weight: Float = 1) {
    total = total + part.total * weight
    terms.merge(part.terms) { $1 }
    terms[name] = part.total.scalar
  }
}
