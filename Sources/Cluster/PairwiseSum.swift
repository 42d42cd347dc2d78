/// A sum whose additions are made in an order that depends on the number of its terms alone, and that several ranks can
/// share: terms pair up like the carries of a binary counter.
///
/// Of eight terms it is `((a + b) + (c + d)) + ((e + f) + (g + h))`. If ranks add blocks of terms whose length is a power
/// of two, and the sums of the ranks are added in the same way, the result has the same bits as that of one process. A
/// sum of up to three terms is that of one after the other.
public struct PairwiseSum<Term> {
  /// Adds the second to the first.
  public typealias Addition = (inout Term, Term) -> Void

  /// Sums of 1, 2, 4, … terms that wait for their like; nil where none waits.
  public private(set) var levels: [Term?] = []

  /// A sum of nothing.
  public init() {}

  /// A sum of which these levels are known.
  public init(levels: [Term?]) { self.levels = levels }

  /// Adds the next term.
  public mutating func add(_ term: Term, by addition: Addition) {
    var carry = term
    for level in levels.indices {
      guard var left = levels[level] else {
        levels[level] = carry
        return
      }
      // The only reference is in `left`, so that it is changed in place.
      levels[level] = nil
      addition(&left, carry)
      carry = left
    }
    levels.append(carry)
  }

  /// The sum of all terms, which are gone then; nil if there are none. The lower levels are added first.
  public mutating func takeTotal(by addition: Addition) -> Term? {
    var total: Term?
    while !levels.isEmpty {
      guard var left = levels.removeFirst() else { continue }
      if let right = total.take() { addition(&left, right) }
      total = left
    }
    return total
  }

  /// The most sums that wait at once while `count` terms are added.
  public static func mostLevels(of count: Int) -> Int {
    Int.bitWidth - 1 - max(1, count).leadingZeroBitCount
  }
}

extension PairwiseSum: Sendable where Term: Sendable {}
