import Foundation

/// One line of a run's `log.jsonl`.
public struct LogPoint: Codable, Sendable, Equatable {
  /// Optimiser update, from 1.
  public var step: Int
  /// The loss that was minimised: the weighted sum of its terms.
  public var loss: Double
  /// The terms of the loss by name.
  public var terms: [String: Double]
  /// The optimiser's rate at this step.
  public var learningRate: Double?
  /// Norm of all gradients before clipping.
  public var gradientNorm: Double?
  /// Time of one step, in seconds.
  public var secondsPerStep: Double?
  /// Seconds of audio trained on in one second.
  public var audioSecondsPerSecond: Double?

  /// A point of the log.
  public init(
    step: Int, loss: Double, terms: [String: Double] = [:], learningRate: Double? = nil,
    gradientNorm: Double? = nil, secondsPerStep: Double? = nil,
    audioSecondsPerSecond: Double? = nil
  ) {
    self.step = step
    self.loss = loss
    self.terms = terms
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.secondsPerStep = secondsPerStep
    self.audioSecondsPerSecond = audioSecondsPerSecond
  }
}
