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

/// What a training left.
struct BestEpoch<Weights> {
  /// Those of the best epoch; nil if the first had no finite score.
  var weights: Weights?
  /// The score on the validation part; NaN if there are no weights.
  var score = Double.nan
  /// The epoch of that score, from 1.
  var number = 0

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
    var plateau = Plateau(
      rate: rate, patience: schedule.patience, factor: schedule.factor)
    for epoch in 1...schedule.epochs {
      let (weights, score) = try train(epoch, plateau.rate)
      guard score.isFinite else { return }
      if epoch == 1 || score > self.score {
        (self.weights, self.score, number) = (weights, score, epoch)
      }
      if epoch - number >= schedule.stopAfter { return }
      plateau.follow(score)
    }
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
