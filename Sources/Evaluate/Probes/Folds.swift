import Corpus
import Tensor

/// Pieces dealt into folds by a seeded shuffle; examples of one piece never lie in two folds.
///
/// Each fold is the test part once. The fold after it is then the validation part and the others
/// are the training part, so that every piece is tested once and a small corpus is used up.
public struct ProbeFolds: Sendable {
  /// The parts that one round divides the pieces into.
  public enum Part: CaseIterable, Sendable {
    /// Fits the regressions.
    case training
    /// Chooses layer, pooling and penalty.
    case validation
    /// Is measured.
    case test
  }

  /// How many folds there are, at least 3.
  public let count: Int
  private let folds: [Int]

  /// - Traps when: there are fewer than 3 folds, or fewer pieces than folds.
  public init(pieces: Int, count: Int, seed: UInt64) {
    precondition(
      count >= 3 && pieces >= count, "ProbeFolds: \(count) folds of \(pieces) pieces")
    var generator = RandomStream(seed: seed, purpose: .probe, step: 1)
    var folds = [Int](repeating: 0, count: pieces)
    for (place, piece) in (0..<pieces).shuffled(using: &generator).enumerated() {
      folds[piece] = place % count
    }
    (self.count, self.folds) = (count, folds)
  }

  /// The part of a piece in the round that tests fold `round`.
  public func part(of piece: Int, round: Int) -> Part {
    switch (folds[piece] - round + count) % count {
    case 0: .test
    case 1: .validation
    default: .training
    }
  }

  /// Whether every part of every round has examples of a task.
  func holdExamples(of task: ProbeExamples) -> Bool {
    (0..<count).allSatisfy { round in
      Set(task.examples.map { part(of: $0.piece, round: round) }).count == Part.allCases.count
    }
  }

  /// The indices of the examples that lie in `part` in the round that tests fold `round`.
  func rows(of part: Part, round: Int, in examples: ProbeExamples) -> [Int] {
    examples.examples.indices.filter {
      self.part(of: examples.examples[$0].piece, round: round) == part
    }
  }
}
