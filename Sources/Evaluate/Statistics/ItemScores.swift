/// What the answer to each item of a task was worth, for each seed: 1 or 0 where the score is accuracy.
///
/// Items of one piece are not independent, so whole pieces are drawn where intervals are made.
public struct ItemScores: Sendable, Equatable {
  /// The piece of each item.
  public let pieces: [Int]
  /// For each seed, a number for each item.
  public let worths: [[Float]]

  /// - Traps when: there is not one number an item and seed, or no seed.
  public init(pieces: [Int], worths: [[Float]]) {
    precondition(
      !worths.isEmpty && worths.allSatisfy { $0.count == pieces.count },
      "ItemScores: needs one for each of \(pieces.count) items and at least 1 seed, got \(worths.map(\.count))"
    )
    (self.pieces, self.worths) = (pieces, worths)
  }

  /// Those of some seeds; nil if a seed has none, or there is none.
  init?(pieces: [Int], _ worths: [[Float]?]) {
    let known = worths.compactMap(\.self)
    guard !known.isEmpty, known.count == worths.count else { return nil }
    self.init(pieces: pieces, worths: known)
  }

  /// Those of several trainings together; nil if they are not of the same items.
  init?(_ parts: [ItemScores]) {
    guard let first = parts.first, parts.allSatisfy({ $0.pieces == first.pieces }) else {
      return nil
    }
    self.init(pieces: first.pieces, worths: parts.flatMap(\.worths))
  }

  /// The mean over the seeds for each item.
  fileprivate var means: [Double] {
    pieces.indices.map { item in
      worths.reduce(0) { $0 + Double($1[item]) } / Double(worths.count)
    }
  }

  /// The variance of the mean over items and seeds, from drawing pieces again with replacement.
  var variance: ItemVariance { ItemVariance(of: means, in: pieces) }

  /// The variance of the difference of the means from those of others on the same items, the same pieces being drawn for
  /// both; nil if the items are others.
  func variance(ofDifferenceFrom other: ItemScores) -> ItemVariance? {
    guard pieces == other.pieces else { return nil }
    return ItemVariance(of: zip(means, other.means).map(-), in: pieces)
  }
}

extension ItemVariance {
  /// That of the mean over several pairs of the difference of two means, the same pieces being drawn for all; nil if the
  /// items of one are not known, or are others.
  init?(ofMeanDifferences pairs: [(ItemScores?, ItemScores?)]) {
    let known = pairs.compactMap { pair in pair.0.flatMap { a in pair.1.map { (a, $0) } } }
    guard let pieces = known.first?.0.pieces, known.count == pairs.count,
      known.allSatisfy({ $0.0.pieces == pieces && $0.1.pieces == pieces })
    else { return nil }
    var sums = [Double](repeating: 0, count: pieces.count)
    for (a, b) in known {
      for (item, difference) in zip(a.means, b.means).map(-).enumerated() {
        sums[item] += difference
      }
    }
    self.init(of: sums.map { $0 / Double(known.count) }, in: pieces)
  }
}

/// How much a mean over items varies from one draw of pieces to the next.
///
/// `C / (C - 1) Σ_c (S_c - R N_c)² / (Σ_c N_c)²`, with `S_c` the sum and `N_c` the number of the items of piece `c`,
/// `R = Σ S / Σ N` and `C` pieces: what a bootstrap over pieces tends to with more and more draws, to first order in
/// `1 / C`, without its noise.
///
/// Source: Cochran 1977, *Sampling Techniques*, 2.11; Efron and Tibshirani 1993, chapter 22.
struct ItemVariance: Codable, Sendable, Equatable {
  /// The variance of the mean.
  let variance: Double
  /// How many pieces there are.
  let pieces: Int

  init(of values: [Double], in pieces: [Int]) {
    let ratio = values.reduce(0, +) / Double(values.count)
    var residuals: [Int: Double] = [:]
    for (piece, value) in zip(pieces, values) { residuals[piece, default: 0] += value - ratio }
    // In a fixed order, so that the sum always has the same bits.
    let squares = residuals.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * $1.value }
    let (count, items) = (Double(residuals.count), Double(values.count))
    self.pieces = residuals.count
    variance = residuals.count > 1 ? count / (count - 1) * squares / (items * items) : 0
  }
}

extension ItemScores: Codable {
  private enum CodingKeys: CodingKey { case pieces, worths }

  /// Numbers between blanks, a text for each seed: an array would take a line for each number.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(pieces.map(String.init).joined(separator: " "), forKey: .pieces)
    try fields.encode(worths.map { $0.map(Self.text).joined(separator: " ") }, forKey: .worths)
  }

  /// As `encode` wrote them.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let pieces = try fields.decode(String.self, forKey: .pieces).split(separator: " ").map {
      Int($0)
    }
    let worths = try fields.decode([String].self, forKey: .worths).map { seed in
      seed.split(separator: " ").map { Float($0) }
    }
    let isWhole = ([pieces.map { $0 == nil }] + worths.map { $0.map { $0 == nil } })
      .allSatisfy { !$0.contains(true) }
    guard isWhole, !worths.isEmpty, worths.allSatisfy({ $0.count == pieces.count }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .worths, in: fields, debugDescription: "not one number for each item")
    }
    self.init(pieces: pieces.compactMap(\.self), worths: worths.map { $0.compactMap(\.self) })
  }

  private static func text(_ worth: Float) -> String {
    worth == worth.rounded() && abs(worth) < 1e6 ? "\(Int(worth))" : "\(worth)"
  }
}
