/// What a step did.
public struct StepOutcome: Sendable {
  /// The loss before the update.
  public var loss: Float
  /// Its parts.
  public var terms: [String: Float]
  /// The rate of the update.
  public var learningRate: Float
  /// The gradient norm before clipping; the update was left out if it is not finite.
  public var gradientNorm: Float
  /// The files that its crops were cut from, if something is not finite.
  public var files: [String] = []

  /// Those of these numbers that are NaN or infinite, `loss nan, codes nan`: the loss and its terms, or the gradients if
  /// those are finite; nil if nothing is.
  public var nonFinite: String? {
    let terms = terms.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let all = [("loss", loss)] + terms + [("gradient norm", gradientNorm)]
    let bad = all.filter { !$0.1.isFinite }
    let losses = bad.filter { !$0.0.hasPrefix("gradient") && !$0.0.hasPrefix("unmasked.") }
    let named = (losses.isEmpty ? bad : losses).prefix(4)
    return bad.isEmpty
      ? nil : named.map { "\($0) \($1.isNaN ? "nan" : "\($1)")" }.joined(separator: ", ")
  }
}
