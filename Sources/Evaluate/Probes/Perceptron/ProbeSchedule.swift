/// How long a probe is trained: the rate falls on a plateau of the score on the validation part, an early stop follows
/// the same score, and the weights of the best epoch are kept.
public struct ProbeSchedule: Hashable, Sendable {
  /// The most epochs.
  public var epochs: Int
  /// Epochs without a better score before the rate falls.
  public var patience: Int
  /// Epochs without a better score before the training ends.
  public var stopAfter: Int
  /// What the rate is multiplied by on a plateau.
  public var factor: Float

  /// Stores all parts.
  public init(epochs: Int, patience: Int, stopAfter: Int, factor: Float = 0.5) {
    (self.epochs, self.patience, self.stopAfter) = (epochs, patience, stopAfter)
    self.factor = factor
  }

  /// The same with no more epochs than these; nil changes nothing.
  func atMost(_ epochs: Int?) -> ProbeSchedule {
    var copy = self
    copy.epochs = min(self.epochs, epochs ?? self.epochs)
    return copy
  }
}

/// The epochs of a training so far, and what the best of them left.
struct BestEpoch<Weights> {
  /// Those of the best epoch; nil if the first had no finite score.
  private(set) var weights: Weights?
  /// The score on the validation part; NaN if there are no weights.
  private(set) var score = Double.nan
  /// The epoch of that score, from 1.
  private(set) var number = 0
  /// The score of each epoch.
  private(set) var scores: [Double] = []

  /// No epoch yet.
  init() {}

  /// What was kept of some epochs.
  /// - Traps when: `number` is none of them.
  init(scores: [Double], number: Int, weights: Weights) {
    (self.scores, self.number, self.weights) = (scores, number, weights)
    score = scores[number - 1]
  }

  /// Trains epoch after epoch, until the schedule ends or a score is not finite.
  ///
  /// - Parameters:
  ///   - schedule: How long.
  ///   - rate: The learning rate of the first epoch.
  ///   - train: Trains an epoch at a rate.
  init(
    _ schedule: ProbeSchedule, rate: Float,
    _ train: (_ epoch: Int, _ rate: Float) throws -> (weights: Weights, score: Double)
  ) rethrows {
    while let rate = nextRate(schedule, first: rate) {
      let (weights, score) = try train(scores.count + 1, rate)
      guard score.isFinite else { return }
      add(weights, score)
    }
  }

  /// The rate of the next epoch; nil if the schedule has come to its end.
  func nextRate(_ schedule: ProbeSchedule, first: Float) -> Float? {
    let count = scores.count
    guard count < schedule.epochs, count == 0 || count - number < schedule.stopAfter else {
      return nil
    }
    var plateau = Plateau(rate: first, patience: schedule.patience, factor: schedule.factor)
    for score in scores { plateau.follow(score) }
    return plateau.rate
  }

  /// Takes what an epoch left, and its finite score.
  mutating func add(_ weights: Weights, _ score: Double) {
    scores.append(score)
    guard scores.count == 1 || score > self.score else { return }
    (self.weights, self.score, number) = (weights, score, scores.count)
  }
}

/// Lowers a rate when a score has not grown for more than `patience` epochs.
///
/// Source: PyTorch, `ReduceLROnPlateau` with a relative threshold of 10⁻⁴.
package struct Plateau {
  /// The rate of the next epoch.
  package private(set) var rate: Float
  private let patience: Int
  private let factor: Float
  private var best = -Double.infinity
  private var idle = 0

  package init(rate: Float, patience: Int, factor: Float = 0.5) {
    (self.rate, self.patience, self.factor) = (rate, patience, factor)
  }

  /// Takes the score of an epoch.
  package mutating func follow(_ score: Double) {
    if score > best * (1 + 1e-4) {
      (best, idle) = (score, 0)
    } else {
      idle += 1
    }
    guard idle > patience else { return }
    (rate, idle) = (rate * factor, 0)
  }
}
