import Evaluate
import TestSupport
import Testing

@Suite struct IntervalTests {
  /// Three measurements worked by hand: s = 0.02, t(2) = 4.3027, 4.3027 · 0.02 / √3 = 0.049683.
  @Test func threeSeedsByHand() {
    let interval = Interval(of: [0.48, 0.50, 0.52])
    #expect(abs(interval.mean - 0.50) < 1e-12)
    #expect(abs(interval.halfWidth - 0.049683) < 1e-6)
    #expect(abs(interval.lower - 0.450317) < 1e-6)
    #expect(abs(interval.upper - 0.549683) < 1e-6)
  }

  /// Quantiles from scipy's `t.ppf(0.975, n - 1)`; two measurements of 0 and 2 have s = √2, so the
  /// half width over n alternating ones isolates the quantile.
  @Test(arguments: [
    (2, 12.70620), (3, 4.30265), (11, 2.22814), (31, 2.04227), (41, 2.02108), (101, 1.98397),
  ])
  func quantilesAreStudents(count: Int, quantile: Double) {
    let measurements = (0..<count).map { Double($0) }
    let n = Double(count)
    let deviation = (n * (n + 1) / 12).squareRoot()
    let interval = Interval(of: measurements)
    #expect(abs(interval.halfWidth * n.squareRoot() / deviation - quantile) < 1e-4)
  }

  @Test func oneMeasurementSaysNothingOfItsSpread() {
    #expect(Interval(of: [0.7]).halfWidth == .infinity)
    #expect(Interval(of: [0.7]).overlaps(Interval(of: [0.1, 0.1])))
  }

  @Test func equalMeasurementsHaveNoWidth() {
    #expect(Interval(of: [0.25, 0.25, 0.25]).halfWidth == 0)
  }

  @Test func sharedEndsOverlap() {
    let one = Interval(of: [0.5, 0.5])
    #expect(one.overlaps(one))
    #expect(!one.overlaps(Interval(of: [0.6, 0.6])))
    #expect(!Interval(of: [0.6, 0.6]).overlaps(one))
  }

  @Test func trapsOnNoMeasurement() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Interval(of: [])
    }
    expectWords("Interval: needs at least 1 measurement, got 0", in: result)
  }
}

@Suite struct ImprovesTests {
  let random = [0.39, 0.40, 0.41]

  @Test func gainsBeyondTheIntervalsCount() {
    #expect(improves([0.59, 0.60, 0.61], over: random, by: .accuracy))
  }

  @Test func overlappingIntervalsDoNot() {
    #expect(!improves([0.30, 0.60, 0.90], over: random, by: .accuracy))
  }

  @Test func aSureButSmallGainDoesNot() {
    #expect(!improves([0.4799, 0.4799, 0.4799], over: [0.43, 0.43, 0.43], by: .accuracy))
    #expect(improves([0.4801, 0.4801, 0.4801], over: [0.43, 0.43, 0.43], by: .accuracy))
  }

  /// At 92 % a quarter of the error left is 2 points, which is less than 5.
  @Test func nearPerfectionAQuarterOfTheErrorIsEnough() {
    #expect(improves([0.9401, 0.9401, 0.9401], over: [0.92, 0.92, 0.92], by: .accuracy))
    #expect(!improves([0.9399, 0.9399, 0.9399], over: [0.92, 0.92, 0.92], by: .accuracy))
  }

  @Test func aLossIsNoImprovement() {
    #expect(!improves(random, over: [0.59, 0.60, 0.61], by: .accuracy))
  }

  @Test func nothingImprovesOnPerfection() {
    #expect(!improves([1, 1, 1], over: [1, 1, 1], by: .accuracy))
  }

  @Test func oneSeedIsNoEvidence() {
    #expect(!improves([0.9], over: [0.1], by: .accuracy))
  }
}
