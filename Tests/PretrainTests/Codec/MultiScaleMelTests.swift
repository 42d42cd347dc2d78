import Audio
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

@Suite struct MultiScaleMelTests {
  private func waveforms() throws -> (golden: [String: Tensor], x: Tensor, y: Tensor) {
    let golden = try golden("codec_losses")
    return (golden, try #require(golden["reconstruction"]), try #require(golden["original"]))
  }

  /// Rounding in Float beside the reference's float64; energies cover twelve decades.
  private func expectGolden(_ name: String, _ loss: (Tensor, Tensor) -> Tensor) throws {
    let (golden, x, y) = try waveforms()
    let leaf = x.tracked()
    let value = loss(leaf, y)
    expectClose(value.detached(), try #require(golden["\(name).loss"]), relative: 1e-5)
    let gradient = try #require((value * 3).gradients()[leaf])
    expectClose(gradient, try #require(golden["\(name).gradient"]) * 3, relative: 1e-4)
  }

  @Test(arguments: [32, 64, 512])
  func oneWindowEqualsPyTorch(window: Int) throws {
    let distance = MelDistance(
      windowLength: window, bands: 64, lowestFrequency: 64, logarithmWeight: 1, sampleRate: 24_000)
    try expectGolden("mel.\(window)") { distance($0, $1) }
  }

  @Test func allWindowsEqualPyTorch() throws {
    var config = MultiScaleMel.Config()
    config.longestWindow = 512
    let loss = MultiScaleMel(config, sampleRate: 24_000)
    try expectGolden("mel.paper") { loss($0, $1) }
  }

  @Test func otherSettingsEqualPyTorch() throws {
    var config = MultiScaleMel.Config()
    (config.shortestWindow, config.longestWindow, config.bands) = (64, 128, 20)
    (config.lowestFrequency, config.logarithmWeight) = (0, 0.25)
    let loss = MultiScaleMel(config, sampleRate: 16_000)
    try expectGolden("mel.other") { loss($0, $1) }
  }

  @Test func windowsArePowersOfTwo() {
    #expect(MultiScaleMel.Config().windows == [32, 64, 128, 256, 512, 1024, 2048])
  }

  /// Lengths around a hop, a frame and the reflection, and shorter than the reflection.
  @Test(arguments: [1, 2, 7, 8, 9, 31, 32, 33, 100])
  func gradientMatchesFiniteDifferences(samples: Int) {
    let distance = MelDistance(
      windowLength: 32, bands: 6, lowestFrequency: 0, logarithmWeight: 1, sampleRate: 8000)
    let y = Tensor.normal([2, samples], seed: 5)
    expectGradient(
      of: { distance($0, y) }, at: .normal([2, samples], seed: 6), step: 2e-3, tolerance: 1e-2)
  }

  @Test func equalWaveformsHaveNoDistanceAndNoGradient() throws {
    let x = Tensor.normal([2, 5000], seed: 7).tracked()
    let loss = MultiScaleMel(sampleRate: 24_000)(x, x.detached())
    #expect(loss.scalar == 0)
    #expect(try #require(loss.gradients()[x]).scalars.allSatisfy { $0 == 0 })
  }

  @Test func theRowsOfABatchAreAveraged() {
    let (x, y) = (Tensor.normal([3, 999], seed: 8), Tensor.normal([3, 999], seed: 9))
    let loss = MultiScaleMel(sampleRate: 24_000)
    let alone = (0..<3).map { row in
      loss(x.sliced(axis: 0, row..<row + 1), y.sliced(axis: 0, row..<row + 1)).scalar
    }
    #expect(abs(loss(x, y).scalar - alone.reduce(0, +) / 3) < 1e-5 * alone[0])
  }

  @Test func refusesWindowsThatAreNoPowersOfTwo() {
    var config = MultiScaleMel.Config()
    config.shortestWindow = 48
    #expect(
      throws: InvalidSetting("shortestWindow", "48 is not a power of two, such as 32 or 2048")
    ) {
      try config.validate()
    }
    (config.shortestWindow, config.longestWindow) = (1024, 512)
    #expect(throws: InvalidSetting.self) { try config.validate() }
  }

  @Test func trapsOnWaveformsOfDifferentLength() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MultiScaleMel(sampleRate: 24_000)(.zeros([1, 100]), .zeros([1, 101]))
    }
    expectWords(
      "MelDistance: needs two waveforms [B, L] of one shape, got [1, 100] and [1, 101]", in: result)
  }
}
