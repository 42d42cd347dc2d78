import Foundation
import Settings
import Tensor

/// The learning rate as a function of the step.
public struct Schedule: Sendable {
  /// How the rate goes on after the warm-up.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Falls in a straight line to `endRate` at the last step (HuBERT, MERT: fairseq's `polynomial_decay`, power 1).
    case linear
    /// Falls to `endRate` as a power of the steps that are left (fairseq's `polynomial_decay`).
    case polynomial
    /// Falls with the inverse root of the step, and does not depend on the length of the run (fairseq's
    /// `inverse_sqrt`, the original transformer).
    case inverseRoot
    /// Is held, then falls exponentially to 1 % of the peak (data2vec: fairseq's `tri_stage`). The warm-up
    /// begins at 1 % of the peak.
    case triStage
    /// Falls to `endRate` along half a cosine.
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
    /// The learning rate at the last step of a `linear`, `polynomial` or `cosine` rate.
    public var endRate: Float = 0
    /// The power of a `polynomial` rate: 1 is a straight line, 2 falls fast at first.
    public var power: Float = 1
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
    ///   - endRate: The learning rate at the last step of a `linear`, `polynomial` or `cosine` rate.
    ///   - power: The power of a `polynomial` rate.
    public init(
      kind: Kind = .linear, peakRate: Float, warmupSteps: Int, decaySteps: Int = 0,
      endRate: Float = 0, power: Float = 1
    ) {
      (self.kind, self.peakRate) = (kind, peakRate)
      (self.warmupSteps, self.decaySteps) = (warmupSteps, decaySteps)
      (self.endRate, self.power) = (endRate, power)
    }

    /// Rates, counts of steps, and no number that the kind does not use.
    public func validate() throws(InvalidSetting) {
      try require(positive: "peakRate", peakRate)
      try require("warmupSteps", warmupSteps, in: 0...Self.mostSteps)
      try require("decaySteps", decaySteps, in: 0...Self.mostSteps)
      try require(notNegative: "endRate", endRate)
      try require(positive: "power", power)
      try require(
        endRate <= peakRate, "endRate",
        "\(endRate.inWords) is above peakRate \(peakRate.inWords); lower it", against: ["peakRate"])
      try require(
        endRate == 0 || kind.hasEndRate, "endRate",
        "belongs to linear, polynomial and cosine rates, and kind is \(kind.rawValue); leave it out",
        against: ["kind"])
      try require(
        power == 1 || kind == .polynomial, "power",
        "belongs to polynomial rates, and kind is \(kind.rawValue); leave it out",
        against: ["kind"])
    }
  }

  private let config: Config
  private let steps: Int

  /// - Parameters:
  ///   - config: The shape and its numbers.
  ///   - steps: The step at which the schedule ends.
  public init(_ config: Config, steps: Int) { (self.config, self.steps) = (config, steps) }

  /// The rate of the update numbered `step`, the first being 0. With peak `p`, warm-up `w`, `endRate` `e`, `steps` `n`
  /// and the progress `x = min(1, (step - w) / (n - w))`:
  ///
  /// | | |
  /// |---|---|
  /// | warm-up | `p (step + 1) / w`, so that the first update moves too; of `triStage` `p (0.01 + 0.99 step / w)` |
  /// | `linear` | `e + (p - e) (1 - x)` |
  /// | `polynomial` | `e + (p - e) (1 - x)^power` |
  /// | `cosine` | `e + (p - e) (1 + cos πx) / 2` |
  /// | `inverseRoot` | `p √(w / step)`; without a warm-up `p / √step` |
  /// | `triStage` | `p`, and in the last `decaySteps` `p 0.01^y`, `y` from 0 to 1 |
  /// | `constant` | `p` |
  ///
  /// Source: fairseq `optim/lr_scheduler/`: `polynomial_decay_schedule.py`, `inverse_square_root_schedule.py`,
  /// `tri_stage_lr_scheduler.py`, `cosine_lr_scheduler.py` with one period. They warm up from 0 (`warmup_init_lr` may
  /// be set there), so that their first update changes nothing; here the update numbered `step` warms up as theirs
  /// numbered `step + 1`.
  public func rate(at step: Int) -> Float {
    step < config.warmupSteps ? config.peakRate * warmup(at: step) : fallen(at: step)
  }

  private func warmup(at step: Int) -> Float {
    let whole = Float(config.warmupSteps)
    return config.kind == .triStage ? 0.01 + 0.99 * Float(step) / whole : Float(step + 1) / whole
  }

  private func fallen(at step: Int) -> Float {
    config.endRate + (config.peakRate - config.endRate) * factor(at: step)
  }

  private func factor(at step: Int) -> Float {
    let span = Float(max(1, steps - config.warmupSteps))
    let progress = min(1, Float(step - config.warmupSteps) / span)
    switch config.kind {
    case .linear: return 1 - progress
    case .polynomial: return pow(1 - progress, config.power)
    case .cosine: return 0.5 * (1 + cos(.pi * progress))
    case .inverseRoot: return (Float(max(1, config.warmupSteps)) / Float(max(1, step))).squareRoot()
    case .constant: return 1
    case .triStage: return threeStages(at: step)
    }
  }

  private func threeStages(at step: Int) -> Float {
    let decayed = Float(step - (steps - config.decaySteps))
    if decayed <= 0 { return 1 }
    return exp(log(0.01) * min(1, decayed / Float(max(1, config.decaySteps))))
  }
}

extension Schedule.Kind {
  /// Whether the rate falls to one that is given.
  fileprivate var hasEndRate: Bool { [.linear, .polynomial, .cosine].contains(self) }
}
