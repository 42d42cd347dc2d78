import Settings
import Tensor

/// The loss that divides each key signature into its major and its minor key, learned without labels.
///
/// A distribution `y` over 24 keys, `[S, 24]`, is that of twelve signatures for a first mode and then for a second;
/// `m(y) = Σ_q y_q` over the first twelve is the probability of the first mode. The two tonics of a signature `q` are the
/// pitch classes `q` and `q + 3`, a minor third apart, and the louder one says which mode it is: with `q` the most
/// probable signature of two stretches together and `h` their mean spectrum folded into an octave, the label is
/// `t = [h_q > h_{q+3}]`. The loss is the cross-entropy of `t` with `m` for both stretches `a` and `b` and for the
/// transposition `c`, added, and for balance `(mean m - 1/2)²` over `a` and `b`. No gradient goes through the label.
///
/// Nothing makes class `q` stand for the pitch classes `q` and `q + 3`, there as here: `KeyCircle`'s loss leaves open by
/// how much all classes are turned. The label is a function of the music under any turn.
///
/// Source: Kong et al. 2025 (S-KEY), and its published loss; the weights are those of its code.
public struct KeyMode: Configuration {
  /// Weight of the cross-entropy.
  public var weight: Float = 1.5
  /// Weight of the balance between the modes.
  public var balance: Float = 20

  /// The published weights.
  public init() {}

  /// Checks ranges.
  public func validate() throws(InvalidSetting) {
    try require(notNegative: "weight", weight)
    try require(notNegative: "balance", balance)
  }
}

extension KeyMode {
  /// The terms of the loss, and what they add up to.
  public struct Terms {
    /// With the weights.
    public let total: Tensor
    /// The cross-entropy of the three stretches together; `3 ln 2` for modes that say nothing.
    public let crossEntropy: Tensor
    /// The mean probability of the first mode.
    public let share: Tensor
  }

  /// The loss of some pieces of music.
  ///
  /// - Parameters:
  ///   - a: Distributions of a stretch of each, `[S, 24]`.
  ///   - b: Of another stretch in the same key.
  ///   - transposed: Of the first stretch, transposed.
  ///   - chroma: The mean spectrum of both stretches by pitch class, `[S, 12]`, class 0 being that of their first bin.
  /// - Traps when: shapes differ.
  public func terms(_ a: Tensor, _ b: Tensor, transposed: Tensor, chroma: Tensor) -> Terms {
    precondition(
      a.shape == b.shape && a.shape == transposed.shape && a.shape == [chroma.shape[0], 24]
        && chroma.shape[1] == 12,
      "KeyMode: \(a.shape), \(b.shape) and \(transposed.shape) with a chroma of \(chroma.shape)")
    let labels = Self.labels(of: a.keySignatures + b.keySignatures, chroma)
    let crossEntropy = [a, b, transposed].map { labels.crossEntropy(of: $0.keyModes) }.sum
    let share = (a.keyModes + b.keyModes).sliced(axis: 1, 0..<1).mean() / 2
    let imbalance = (share - 0.5).squared()
    return Terms(
      total: crossEntropy * weight + imbalance * balance, crossEntropy: crossEntropy, share: share)
  }

  /// `[1, 0]` where the tonic of the first mode is the louder one, `[0, 1]` elsewhere: `[S, 2]`.
  private static func labels(of signatures: Tensor, _ chroma: Tensor) -> Tensor {
    let (signatures, chroma) = (signatures.scalars, chroma.scalars)
    let count = chroma.count / 12
    let labels = (0..<count).flatMap { row -> [Float] in
      let own = row * 12..<row * 12 + 12
      let signature = own.max { (signatures[$0], -$0) < (signatures[$1], -$1) }! - own.lowerBound
      let isFirst =
        chroma[own.lowerBound + signature] > chroma[own.lowerBound + (signature + 3) % 12]
      return isFirst ? [1, 0] : [0, 1]
    }
    return Tensor(labels, shape: [count, 2])
  }
}

extension Tensor {
  /// Distributions over the twelve signatures, of such over `12 · modes` keys: `[S, 12]`.
  var keySignatures: Tensor {
    guard shape[1] > 12 else { return self }
    return sliced(axis: 1, 0..<12) + sliced(axis: 1, 12..<24)
  }

  /// Distributions over the two modes, of such over 24 keys: `[S, 2]`.
  fileprivate var keyModes: Tensor {
    reshaped([shape[0] * 2, 12]).sum(axis: 1).reshaped([shape[0], 2])
  }
}

extension [Tensor] {
  fileprivate var sum: Tensor { dropFirst().reduce(self[0]) { $0 + $1 } }
}
