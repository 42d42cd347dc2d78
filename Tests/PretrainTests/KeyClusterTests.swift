import Foundation
import Models
import Pretrain
import Tensor
import TestSupport
import Testing

/// Clusters of keys that turn with a transposition.
@Suite struct KeyClusterTests {
  /// Every channel's twelve numbers turned by some places.
  private func turned(_ x: Tensor, by steps: Int) -> Tensor {
    let (values, width) = (x.scalars, x.shape[1])
    let moved = values.indices.map { place in
      let (row, column) = (place / width, place % width)
      return values[row * width + column / 12 * 12 + (column % 12 - steps + 12) % 12]
    }
    return Tensor(moved, shape: x.shape)
  }

  @Test func whatComesOutTurnsWithWhatGoesIn() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let map = CircularLinear(from: 3, to: 2, using: &generator)
    let x = Tensor.normal([4, 36], seed: 2)
    for steps in [1, 5, 11] {
      expectClose(map(turned(x, by: steps)), turned(map(x), by: steps), relative: 1e-5)
    }
    #expect(relativeRMS(map(turned(x, by: 1)), map(x)) > 0.1)
    expectGradients(of: { map($0[0]).sum() }, at: [x])
  }

  /// Statistics of both halves of crops in two modes and all twelve keys, with noise.
  private func halves(_ count: Int) -> Tensor {
    let modes: [[Float]] = [
      [2, -1, 0, -1, 1, 0, -1, 2, -1, 0, -1, 0], [2, -1, 0, 2, -1, 0, -1, 1, 0, -1, -1, -1],
    ]
    var stream = RandomStream(seed: 4, purpose: .corpus)
    let rows = (0..<count).flatMap { crop -> [Float] in
      let key = Int.random(in: 0..<12, using: &stream)
      let profile = (0..<12).map { modes[crop % 2][($0 - key + 12) % 12] }
      return (0..<8).flatMap { _ in profile.map { $0 + 0.3 * stream.nextNormal() } }
    }
    return Tensor(rows, shape: [count, 96])
  }

  private func head(_ edit: (inout KeyClusterPrediction.Config) -> Void = { _ in })
    -> KeyClusterPrediction
  {
    var config = KeyClusterPrediction.Config()
    (config.innerWidth, config.fitSteps, config.fitCrops, config.fitRate) = (8, 150, 48, 5e-3)
    edit(&config)
    var generator = RandomStream(seed: 3, purpose: .initialisation)
    return KeyClusterPrediction(config, hidden: 24, using: &generator)
  }

  /// The targets of crops of one frame.
  private func targets(_ halves: Tensor) -> FrameTargets {
    let crops = halves.shape[0]
    let batch = Batch(
      audio: .zeros([crops, 1]), samples: Array(0..<crops),
      targets: ["keyClusters": halves.reshaped([crops, 1, 96])])
    return FrameTargets(batch, at: Array(0..<crops), of: 1)
  }

  @Test func theFitMakesTheClassesCertain() throws {
    let (sample, others) = (halves(300), targets(halves(40)))
    var head = head()
    let outputs = Tensor.normal([40, 24], seed: 5)
    let before = head.loss(at: outputs, of: others)
    try head.fit(to: sample, seed: 6)
    let after = head.loss(at: outputs, of: others)
    #expect(before.terms["keyClusters.certainty"]! < 0.2)
    #expect(after.terms["keyClusters.certainty"]! > 0.7)
    #expect(after.total.scalar > 2, "nobody has learned to predict them")
    expectGradients(of: { head.loss(at: $0[0], of: others).total }, at: [outputs])
  }

  @Test func theSeedDecidesTheFit() throws {
    func net(seed: UInt64) throws -> [Float] {
      var head = head { $0.fitSteps = 3 }
      try head.fit(to: halves(30), seed: seed)
      return head.state.flatMap(\.tensor.scalars)
    }
    #expect(try net(seed: 1) == net(seed: 1))
    #expect(try net(seed: 1) != net(seed: 2))
  }
}
