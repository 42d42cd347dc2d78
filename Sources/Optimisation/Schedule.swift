import Foundation
import Settings
import Tensor

/// The learning rate as a function of the step.
public struct Schedule: Sendable {
  /// How the rate goes on after the warm-up.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Falls in a straight line to 0 at the last step (HuBERT, MERT: fairseq's `polynomial_decay`, power 1).
    case linear
    /// Is held, then falls exponentially to 1 % of the peak (data2vec: fairseq's `tri_stage`). The warm-up
    /// begins at 1 % of the peak.
    case triStage
    /// Falls to 0 along half a cosine.
    case cosine
    /// Stays at the peak (EnCodec).
    case constant
  }

  /// The numbers of a recipe's `schedule`.
  public struct Config: Configuration {
    /// How the rate goes on after the warm-up.
    public var kind = Kind.linear
    /// The greatest learning rate.
    public var peakRate: Float = 5e-4
    /// Length of the warm-up, in steps, over which the rate rises to the peak.
    public var warmupSteps = 32_000
    /// Length of the fall at the end of a `triStage` rate, in steps.
    public var decaySteps = 0
    /// The most steps of anything.
    public static let mostSteps = 1_000_000_000

    /// HuBERT's numbers.
    public init() {}

    /// These numbers.
    ///
    /// - Parameters:
    ///   - kind: The shape after the warm-up.
    ///   - peakRate: The greatest learning rate.
    ///   - warmupSteps: Steps over which the rate rises to the peak.
    ///   - decaySteps: Steps at the end over which a `triStage` rate falls.
    public init(kind: Kind = .linear, peakRate: Float, warmupSteps: Int, decaySteps: Int = 0) {
      (self.kind, self.peakRate) = (kind, peakRate)
      (self.warmupSteps, self.decaySteps) = (warmupSteps, decaySteps)
    }

    /// A rate, and counts of steps.
    public func validate() throws(InvalidSetting) {
      try require(positive: "peakRate", peakRate)
      try require("warmupSteps", warmupSteps, in: 0...Self.mostSteps)
      try require("decaySteps", decaySteps, in: 0...Self.mostSteps)
    }
  }

  private let config: Config
  private let steps: Int

  /// - Parameters:
  ///   - config: The shape and its numbers.
  ///   - steps: The step at which the schedule ends.
  public init(_ config: Config, steps: Int) { (self.config, self.steps) = (config, steps) }

  /// The rate of the update numbered `step`, the first being 0.
  ///
  /// Warm-up: `peak (step + 1) / warmupSteps`, so that the first update moves too; in three stages
  /// `peak (0.01 + 0.99 step / warmupSteps)`.
  public func rate(at step: Int) -> Float {
    config.peakRate * (step < config.warmupSteps ? warmup(at: step) : factor(at: step))
  }

  private func warmup(at step: Int) -> Float {
    let whole = Float(config.warmupSteps)
    return config.kind == .triStage ? 0.01 + 0.99 * Float(step) / whole : Float(step + 1) / whole
  }

  private func factor(at step: Int) -> Float {
    let span = Float(max(1, steps - config.warmupSteps))
    let progress = min(1, Float(step - config.warmupSteps) / span)
    switch config.kind {
    case .linear: return 1 - progress
    case .cosine: return 0.5 * (1 + cos(.pi * progress))
    case .constant: return 1
    case .triStage:
      let decayed = Float(step - (steps - config.decaySteps))
      if decayed <= 0 { return 1 }
      return exp(log(0.01) * min(1, decayed / Float(max(1, config.decaySteps))))
    }
  }
}
