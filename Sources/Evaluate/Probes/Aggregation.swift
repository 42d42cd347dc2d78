import Foundation

/// How the outputs of an item's stretches become those of the item.
public enum Aggregation: String, Codable, Sendable, CaseIterable {
  /// The mean of the outputs.
  case mean
  /// The number of stretches whose greatest output each is.
  case vote
  /// The greatest output of any stretch.
  case maximum
  /// The mean of the probabilities `softmax(output)`.
  case meanProbability

  /// The outputs of an item.
  /// - Parameter outputs: A row for each stretch, at least one.
  public func callAsFunction(_ outputs: [[Float]]) -> [Float] {
    switch self {
    case .mean: Self.mean(of: outputs)
    case .maximum: outputs.dropFirst().reduce(outputs[0]) { zip($0, $1).map(max) }
    case .meanProbability: Self.mean(of: outputs.map(Self.probabilities))
    case .vote: Self.votes(outputs)
    }
  }

  private static func mean(of rows: [[Float]]) -> [Float] {
    let sums = rows.dropFirst().reduce(rows[0]) { zip($0, $1).map(+) }
    return sums.map { $0 / Float(rows.count) }
  }

  private static func probabilities(_ outputs: [Float]) -> [Float] {
    let top = outputs.max() ?? 0
    let powers = outputs.map { exp($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private static func votes(_ outputs: [[Float]]) -> [Float] {
    var votes = [Float](repeating: 0, count: outputs[0].count)
    for row in outputs {
      votes[row.firstGreatest] += 1
    }
    return votes
  }
}
