import Foundation
import Tensor

/// How evenly the codes of a residual quantiser use its codebooks.
public struct CodebookStatistics: Sendable, Equatable {
  /// The counts of each codebook's entries.
  public private(set) var codebooks: [CodeStatistics]

  /// Of no code yet.
  ///
  /// - Parameters:
  ///   - codebooks: The number of codebooks, `Q`.
  ///   - entries: The entries of each codebook, `K`.
  /// - Traps when: there are no codebooks, or fewer than two entries.
  public init(codebooks: Int, entries: Int) {
    precondition(
      codebooks > 0 && entries > 1,
      "CodebookStatistics: \(codebooks) codebooks of \(entries) entries; needs at least 1 of 2")
    self.codebooks = Array(repeating: CodeStatistics(clusters: entries), count: codebooks)
  }

  /// Those of each codebook, which have been counted.
  ///
  /// - Traps when: there are no codebooks, or they differ in their number of entries.
  init(_ codebooks: [CodeStatistics]) {
    precondition(
      Set(codebooks.map(\.counts.count)).count == 1,
      "CodebookStatistics: codebooks of \(codebooks.map(\.counts.count)) entries")
    self.codebooks = codebooks
  }

  /// Counts further codes, `int32 [N, Q]`.
  ///
  /// - Traps when: the shape is not `[N, Q]`, or a code is outside its codebook.
  public mutating func add(_ codes: Tensor) {
    precondition(
      codes.rank == 2 && codes.shape[1] == codebooks.count,
      "CodebookStatistics: needs codes [N, \(codebooks.count)], got shape \(codes.shape)")
    let all = codes.integers
    for q in codebooks.indices {
      codebooks[q].add(stride(from: q, to: all.count, by: codebooks.count).map { all[$0] })
    }
  }

  /// `Σ_q H_q / (Q ln K)` of the entropies `H_q`: the share of the bits of a code that an ideal entropy coder would
  /// still need, 0 to 1. It is 1 if all entries of every codebook are equally frequent.
  ///
  /// Source: Kumar et al. 2023 (Descript Audio Codec), section 4.4.
  public var bitrateEfficiency: Double { efficiency(ofFirst: codebooks.count) }

  /// The bitrate efficiency of the first codebooks alone.
  ///
  /// - Traps when: `count` is not between 1 and the number of codebooks.
  public func efficiency(ofFirst count: Int) -> Double {
    precondition(
      codebooks.indices.contains(count - 1),
      "CodebookStatistics: the first \(count) of \(codebooks.count) codebooks")
    let entropy = codebooks.prefix(count).reduce(0) { $0 + $1.entropy }
    return entropy / (Double(count) * log(Double(codebooks[0].counts.count)))
  }
}
