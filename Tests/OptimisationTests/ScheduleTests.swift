import Foundation
import Optimisation
import Settings
import Testing

@Suite struct ScheduleTests {
  private func schedule(
    _ kind: Schedule.Kind, peak: Float, warmup: Int, decay: Int = 0, steps: Int
  ) -> Schedule {
    var config = Schedule.Config()
    (config.kind, config.peakRate) = (kind, peak)
    (config.warmupSteps, config.decaySteps) = (warmup, decay)
    return Schedule(config, steps: steps)
  }

  private func expect(
    _ schedule: Schedule, at step: Int, _ expected: Float,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let rate = schedule.rate(at: step)
    #expect(
      abs(rate - expected) <= 1e-5 * expected, "step \(step): \(rate)",
      sourceLocation: sourceLocation)
  }

  /// MERT-330M: fairseq's polynomial decay. The update numbered `n` from 0 is the one after `n`.
  @Test func linearIsThatOfMERT() {
    let schedule = schedule(.linear, peak: 1.5e-3, warmup: 32_000, steps: 400_000)
    expect(schedule, at: 0, 1.5e-3 / 32_000)
    expect(schedule, at: 15_999, 7.5e-4)
    expect(schedule, at: 31_999, 1.5e-3)
    expect(schedule, at: 32_000, 1.5e-3)
    expect(schedule, at: 65_000, 1.36549e-3)
    expect(schedule, at: 216_000, 7.5e-4)
    expect(schedule, at: 400_000, 0)
    expect(schedule, at: 500_000, 0)
    #expect(schedule.rate(at: 399_999) > 0, "the last update moves too")
  }

  /// data2vec Base: 12 000 up, 360 000 held, 28 000 down to a hundredth.
  @Test func triStageIsThatOfData2Vec() {
    let schedule = schedule(.triStage, peak: 5e-4, warmup: 12_000, decay: 28_000, steps: 400_000)
    expect(schedule, at: 0, 5e-6)
    expect(schedule, at: 6_000, 2.525e-4)
    for step in [12_000, 200_000, 372_000] { expect(schedule, at: step, 5e-4) }
    expect(schedule, at: 386_000, 5e-5)
    expect(schedule, at: 400_000, 5e-6)
    expect(schedule, at: 450_000, 5e-6)
  }

  /// fairseq's `polynomial_decay` with `end_learning_rate` and `power`.
  @Test func polynomialFallsToItsEnd() {
    var config = Schedule.Config(
      kind: .polynomial, peakRate: 0.5, warmupSteps: 100, endRate: 0.1, power: 2)
    let schedule = Schedule(config, steps: 1_100)
    expect(schedule, at: 49, 0.25)
    expect(schedule, at: 100, 0.5)
    expect(schedule, at: 600, 0.1 + 0.4 * 0.25)
    expect(schedule, at: 1_000, 0.1 + 0.4 * 0.01)
    expect(schedule, at: 1_100, 0.1)
    expect(schedule, at: 9_000, 0.1)
    (config.power, config.endRate) = (1, 0)
    let line = Schedule(.init(peakRate: 0.5, warmupSteps: 100), steps: 1_100)
    for step in stride(from: 0, through: 1_200, by: 50) {
      #expect(Schedule(config, steps: 1_100).rate(at: step) == line.rate(at: step))
    }
  }

  @Test func linesAndWavesFallToTheirEnd() {
    for kind in [Schedule.Kind.linear, .cosine] {
      let config = Schedule.Config(kind: kind, peakRate: 1, warmupSteps: 0, endRate: 0.2)
      expect(Schedule(config, steps: 100), at: 0, 1)
      expect(Schedule(config, steps: 100), at: 50, 0.6)
      expect(Schedule(config, steps: 100), at: 100, 0.2)
    }
  }

  /// fairseq's `inverse_sqrt`: `lr √warmup / √step`.
  @Test func inverseRootDoesNotKnowTheEnd() {
    for steps in [100, 5_000] {
      let schedule = schedule(.inverseRoot, peak: 0.8, warmup: 100, steps: steps)
      expect(schedule, at: 0, 0.008)
      expect(schedule, at: 100, 0.8)
      expect(schedule, at: 400, 0.4)
      expect(schedule, at: 10_000, 0.08)
    }
    expect(schedule(.inverseRoot, peak: 0.8, warmup: 0, steps: 9), at: 4, 0.4)
  }

  @Test func numbersThatAKindDoesNotUseAreRefused() {
    var config = Schedule.Config(kind: .constant, peakRate: 1, warmupSteps: 0, endRate: 0.1)
    #expect(throws: InvalidSetting.self) { try config.validate() }
    (config.endRate, config.power) = (0, 2)
    #expect(throws: InvalidSetting.self) { try config.validate() }
    (config.kind, config.endRate) = (.polynomial, 0.1)
    #expect(throws: Never.self) { try config.validate() }
    config.endRate = 2
    #expect(throws: InvalidSetting.self) { try config.validate() }
  }

  @Test func cosineFallsHalfAWave() {
    let schedule = schedule(.cosine, peak: 1, warmup: 100, steps: 1_100)
    expect(schedule, at: 49, 0.5)
    expect(schedule, at: 100, 1)
    expect(schedule, at: 350, 0.5 + 0.5 * Float(0.5).squareRoot())
    expect(schedule, at: 600, 0.5)
    #expect(abs(schedule.rate(at: 1_100)) < 1e-7 && abs(schedule.rate(at: 2_000)) < 1e-7)
  }

  @Test(arguments: Schedule.Kind.allCases)
  func isFiniteAndNotNegativeAtItsEdges(kind: Schedule.Kind) {
    for (warmup, decay, steps) in [(0, 0, 1), (0, 5, 3), (10, 0, 4), (4, 4, 4)] {
      let schedule = schedule(kind, peak: 1, warmup: warmup, decay: decay, steps: steps)
      for step in 0...12 {
        let rate = schedule.rate(at: step)
        #expect(rate >= -1e-7 && rate <= 1, "\(warmup) \(decay) \(steps) at \(step): \(rate)")
      }
    }
    #expect(schedule(kind, peak: 1, warmup: 0, steps: 8).rate(at: 0) == 1)
  }
}
