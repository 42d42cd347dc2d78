import Settings
import Tensor

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

extension Tensor {
  /// `θ ← τ·θ + (1 - τ)·student`, in float32: one parameter of a teacher follows its student.
  ///
  /// To be done once per optimiser step, however many micro-batches it had.
  /// - Traps when: the shapes differ.
  public mutating func follow(_ student: Tensor, decay: Double) {
    precondition(
      shape == student.shape, "follow: teacher \(shape) and student \(student.shape) differ")
    // Rounded once: 1 - Float(0.9999) would be off in the fourth digit.
    let pace = Float(1 - decay)
    student.read { student in
      update { teacher in
        Cores.parallel(teacher.count, grain: 1 << 13) { range in
          for i in range { teacher[i] += pace * (student[i] - teacher[i]) }
        }
      }
    }
  }
}
