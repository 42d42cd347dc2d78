import Tensor

/// A loss to minimise, and what is worth watching beside it.
public struct Loss {
  /// The tracked scalar.
  public var total: Tensor
  /// Its parts before weighting, accuracies, spreads, by name.
  public var terms: [String: Float]
  /// What the learner computed of this batch and needs in `Learner.follow`, untracked, by name.
  public var observations: [String: Tensor]

  /// - Parameters:
  ///   - total: The tracked scalar; 0 unless given.
  ///   - terms: Its parts, by name.
  ///   - observations: What the learner needs after the update, by name.
  public init(
    total: Tensor = Tensor(0), terms: [String: Float] = [:], observations: [String: Tensor] = [:]
  ) {
    (self.total, self.terms, self.observations) = (total, terms, observations)
  }

  /// Adds a weighted part with its terms and observations; the term of its name shows it without its weight.
  public mutating func add(_ name: String, _ part: Loss, weight: Float = 1) {
    total = total + part.total * weight
    terms.merge(part.terms) { $1 }
    observations.merge(part.observations) { $1 }
    terms[name] = part.total.scalar
  }
}
