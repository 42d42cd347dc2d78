import Pretrain
import Tensor
import TestSupport
import Testing

@Suite struct LossBalancerTests {
  private let one = Tensor.ones([2, 5])

  /// Distances to 1 and to -1 of a waveform of 0, the second a hundred times as large: with equal weights their
  /// gradients cancel.
  private func opposites(scale: Float) -> WaveformLosses {
    WaveformLosses(terms: [
      .init(name: "up", weight: 1) { ($0 - one).abs().mean() },
      .init(name: "down", weight: 1) { ($0 + one).abs().mean() * scale },
    ])
  }

  @Test func lossesOfDifferentSizesCancel() throws {
    let x = Tensor.zeros([2, 5]).tracked()
    let loss = opposites(scale: 100).balanced(
      of: x, by: LossBalancer(LossBalancer.Config(), losses: 2))
    #expect(loss.total.scalar == 101)
    #expect(loss.terms == ["up": 1, "down": 100])
    let gradient = try #require(loss.total.gradients()[x])
    #expect(gradient.scalars.allSatisfy { abs($0) < 1e-6 })
    let plain = try #require(opposites(scale: 100).summed(of: x).total.gradients()[x])
    #expect(plain.scalars.allSatisfy { abs($0 - 9.9) < 1e-4 })
  }

  /// Shares 3 and 1 of a gradient whose length is 1 for each crop.
  @Test func weightsAreSharesOfTheGradient() throws {
    let x = Tensor.zeros([2, 5]).tracked()
    let losses = WaveformLosses(terms: [
      .init(name: "up", weight: 3) { ($0 - one).abs().mean() },
      .init(name: "down", weight: 1) { ($0 + one).abs().mean() * 7 },
    ])
    let loss = losses.balanced(of: x, by: LossBalancer(LossBalancer.Config(), losses: 2))
    let gradient = try #require((loss.total * 2).gradients()[x])
    let expected = -2 * (0.75 - 0.25) / Float(5).squareRoot()
    #expect(gradient.scalars.allSatisfy { abs($0 - expected) < 1e-6 })
  }

  /// With `β = 0.5`, lengths 1 and then 4 average to `(0.5 + 4) / (0.5 + 1) = 3`.
  @Test func lengthsAreAveragedWithoutBias() {
    var config = LossBalancer.Config()
    config.decay = 0.5
    var balancer = LossBalancer(config, losses: 1)
    balancer.follow([1])
    let gradient = Tensor([4, 0, 0, 4], shape: [2, 2])
    let combined = balancer.combined([gradient], shares: [0.3])
    expectClose(combined, gradient * (1.0 / 3), relative: 1e-6)
  }
}
