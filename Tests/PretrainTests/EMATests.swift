import Pretrain
import Tensor
import Testing

@Suite struct EMATests {
  let golden: PartsGolden.EMA

  init() throws { golden = try PartsGolden.load().ema }

  func layer(_ k: Int) -> Tensor {
    let x = hashNoise(42, salt: UInt32(20 + k)).map { $0 * Float(k + 1) - Float(k) }
    return Tensor(x, shape: [2, 7, 3])
  }

  @Test func targetsAreThoseOfPyTorch() throws {
    #expect(golden.targets.count == 18)
    for expected in golden.targets {
      var config = EMATargets.Config()
      config.topLayers = expected.top
      config.eachLayer = try #require(.init(rawValue: expected.each))
      config.mean = try #require(.init(rawValue: expected.mean))
      let targets = try EMATargets(config, layers: 5)((0..<5).map(layer))
      #expect(targets.shape == [2, 7, 3])
      let worst = zip(targets.scalars, expected.values).map { abs($0 - $1) }.max()!
      #expect(worst < 2e-5, "\(expected.top) \(expected.each) \(expected.mean): \(worst)")
    }
  }

  @Test func targetsLetNoGradientPass() throws {
    var config = EMATargets.Config()
    config.topLayers = 1
    let (x, y) = (layer(0).tracked(), layer(1).tracked())
    let targets = try EMATargets(config, layers: 1)([x])
    let gradients = (y - targets).squared().sum().gradients()
    #expect(gradients[x] == nil && gradients[y] != nil)
  }

  @Test(arguments: [0, 6])
  func layersThatAreNotThereAreRefused(top: Int) {
    var config = EMATargets.Config()
    config.topLayers = top
    #expect(throws: EMAError.noSuchLayers(top: top, layers: 5)) {
      try EMATargets(config, layers: 5)
    }
  }

  @Test func decayRisesToItsEnd() throws {
    let schedule = try EMASchedule()
    #expect(schedule.decay(at: 0) == 0.999)
    #expect(abs(schedule.decay(at: 15_000) - 0.99945) < 1e-12)
    #expect(schedule.decay(at: 30_000) == 0.9999 && schedule.decay(at: 400_000) == 0.9999)
    var constant = EMASchedule.Config()
    constant.steps = 0
    #expect(try EMASchedule(constant).decay(at: 0) == 0.9999)
  }

  @Test func uselessDecaysAreRefused() {
    for (start, end, steps) in [(1.1, 0.9, 1), (0.9, -0.1, 1), (.nan, 0.9, 1), (0.9, 0.9, -1)] {
      var config = EMASchedule.Config()
      (config.start, config.end, config.steps) = (start, end, steps)
      #expect(throws: EMAError.self) { try EMASchedule(config) }
    }
  }

  @Test func teacherFollowsItsStudent() throws {
    var config = EMASchedule.Config()
    (config.start, config.end, config.steps) = (0.9, 0.99, 100)
    let schedule = try EMASchedule(config)
    var teacher = Tensor(hashNoise(8, salt: 30))
    let start = teacher
    for step in 0..<200 {
      let student = Tensor(hashNoise(8, salt: UInt32(31 + step)))
      teacher.follow(student, decay: schedule.decay(at: step))
    }
    for (found, expected) in zip(teacher.scalars, golden.followed) {
      #expect(abs(found - expected) < 1e-6)
    }
    #expect(start.scalars == hashNoise(8, salt: 30), "a copy of the teacher stays")
    let before = teacher.scalars
    teacher.follow(start, decay: 1)
    #expect(teacher.scalars == before)
  }

  @Test func deviationIsThatOfPyTorch() {
    let frames = layer(0).reshaped([14, 3])
    #expect(abs(EMACollapse.deviation(frames) - golden.deviation) < 1e-6)
  }

  @Test func collapseEndsTheRunAfterPatience() throws {
    let alive = layer(0).reshaped([14, 3])
    let dead = Tensor.full([14, 3], 0.7)
    let collapse = EMACollapse()
    let early = try #require(try collapse.check(targets: dead, predictions: dead, step: 5_000))
    let late = try #require(try collapse.check(targets: alive, predictions: alive, step: 5_001))
    #expect(early.targets < 0.002 && late.targets > 0.1)
    for (targets, predictions, what) in [(dead, alive, "targets"), (alive, dead, "predictions")] {
      #expect {
        try collapse.check(targets: targets, predictions: predictions, step: 5_001)
      } throws: { "\($0)".contains("the \(what) collapsed at step 5001") }
    }
    #expect(throws: EMAError.self) {
      try collapse.check(targets: .full([4, 3], .nan), predictions: alive, step: 5_001)
    }
  }
}
