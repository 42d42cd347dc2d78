import Settings

/// The decay of a teacher that follows its student as an exponential moving average:
/// `τ(n) = start + (end - start) · n / steps` for `n < steps`, then `end`.
///
/// Source: Baevski et al., data2vec, 2022, §3.2; fairseq `data2vec_audio`.
public struct EMASchedule: Sendable {
  /// The numbers of a recipe; data2vec Base's unless set.
  public struct Config: Configuration {
    /// Decay before the first step.
    public var start = 0.999
    /// Decay after the last of `steps`.
    public var end = 0.9999
    /// Time from the one to the other, in steps.
    public var steps = 30_000

    /// data2vec Base's decay.
    public init() {}

    /// Shares, and a count of steps.
    public func validate() throws(InvalidSetting) {
      try require("start", start, in: 0...1)
      try require("end", end, in: 0...1)
      try require("steps", steps, in: 0...1_000_000_000)
    }
  }

  /// The numbers that the decay follows.
  public let config: Config

  /// - Throws: `EMAError.unusableSchedule` if a decay is outside `0...1` or `steps` is negative.
  public init(_ config: Config = Config()) throws {
    do { try config.validate() } catch { throw EMAError.unusableSchedule(config) }
    self.config = config
  }

  /// `τ` after `step` optimiser steps.
  public func decay(at step: Int) -> Double {
    guard step < config.steps else { return config.end }
    return config.start + (config.end - config.start) * Double(step) / Double(config.steps)
  }
}
