import Foundation
import Tensor

/// How evenly codes use their alphabet: a teacher whose codes collapse teaches nothing.
public struct CodeStatistics: Sendable, Equatable {
  /// How often each code occurs.
  public private(set) var counts: [Int]

  /// Of no code yet.
  /// - Parameter clusters: The size of the alphabet.
  public init(clusters: Int) { counts = [Int](repeating: 0, count: clusters) }

  /// - Parameter counts: How often each code of the alphabet occurs.
  init(counts: [Int]) { self.counts = counts }

  /// - Parameters:
  ///   - codes: Any number of codes, at least one.
  ///   - clusters: The size of the alphabet.
  /// - Traps when: there is no code, or one outside `0..<clusters`.
  public init(codes: [Int32], clusters: Int) {
    precondition(!codes.isEmpty, "CodeStatistics: needs at least one code")
    self.init(clusters: clusters)
    add(codes)
  }

  /// Counts further codes.
  /// - Traps when: one lies outside of the alphabet.
  public mutating func add(_ codes: some Sequence<Int32>) {
    for code in codes {
      precondition(
        counts.indices.contains(Int(code)),
        "CodeStatistics: code \(code) of \(counts.count) clusters")
      counts[Int(code)] += 1
    }
  }

  /// How many codes occur at all.
  public var used: Int { counts.count { $0 > 0 } }

  /// The share of codes that occur at all, above 0, at most 1.
  public var usage: Double { Double(used) / Double(counts.count) }

  /// The code that occurs most often, the lowest of equals, and its share of all.
  public var mostFrequent: (code: Int, share: Double) {
    let code = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }!
    return (code, Double(counts[code]) / Double(max(1, counts.reduce(0, +))))
  }

  /// `-Σ p ln p` over the codes' frequencies, in nats.
  public var entropy: Double {
    let total = Double(counts.reduce(0, +))
    return counts.lazy.filter { $0 > 0 }.reduce(0) { sum, count in
      let p = Double(count) / total
      return sum - p * log(p)
    }
  }

  /// `exp(entropy)`: how many equally frequent codes would be as varied, `1...clusters`.
  public var perplexity: Double { exp(entropy) }
}
