import Models
import Tensor
import TestSupport
import Testing

/// Low-rank adaptation; that its training is PyTorch's is shown in `FineTuningTests`.
@Suite struct LowRankAdapterTests {
  private func adapter(of encoder: AudioEncoder, rank: Int = 2) -> LowRankAdapter {
    var generator = RandomStream(seed: 5, purpose: .initialisation)
    return LowRankAdapter(of: encoder, rank: rank, alpha: 3, using: &generator)
  }

  private let waveform = Tensor.normal([2, 200], seed: 4)

  @Test(arguments: [AudioEncoder.Config.tiny, .tinyLarge])
  func itBeginsAsTheModelItself(config: AudioEncoder.Config) throws {
    let encoder = try AudioEncoder.random(config)
    let adapted = adapter(of: encoder).adapted(encoder)
    #expect(
      adapted(waveform, in: .evaluating()).scalars == encoder(waveform, in: .evaluating()).scalars)
  }

  @Test func queriesAndValuesAreAdapted() throws {
    let adapter = adapter(of: try .random(.tiny))
    #expect(
      adapter.paths
        == (0..<2).flatMap { layer in
          ["query", "value"].map { "transformer.layers.\(layer).attention.\($0).weight" }
        })
    #expect(adapter.parameterCount == 4 * 2 * (12 + 12))
  }

  /// `x Wᵀ + α/r (x Aᵀ) Bᵀ`, formed apart.
  @Test func mergedIsTheSumOfTwoPaths() throws {
    let map = Linear(weight: .normal([5, 7], seed: 1), bias: .normal([5], seed: 2))
    var generator = RandomStream(seed: 5, purpose: .initialisation)
    var adapter = LowRankAdapter(
      of: map, rank: 2, alpha: 3, where: { $0.role == .weight }, using: &generator)
    adapter.updates[0].up = .normal([5, 2], seed: 3)
    let x = Tensor.normal([4, 7], seed: 6)
    let (down, up) = (adapter.updates[0].down, adapter.updates[0].up)
    let update = x.matmul(down, transposingRight: true).matmul(up, transposingRight: true) * 1.5
    expectClose(adapter.adapted(map)(x), map(x) + update, relative: 1e-6)
  }

  @Test func gradientsReachBothFactors() throws {
    let encoder = try AudioEncoder.random(.tiny)
    var adapter = adapter(of: encoder)
    for number in adapter.updates.indices {
      adapter.updates[number].up = Tensor.normal([12, 2], seed: UInt64(number)) * 0.1
    }
    func states(_ down: Tensor, _ up: Tensor) -> Tensor {
      var changed = adapter
      (changed.updates[1].down, changed.updates[1].up) = (down, up)
      return changed.adapted(encoder)(waveform, in: .evaluating())
    }
    let (down, up) = (adapter.updates[1].down, adapter.updates[1].up)
    expectGradient(of: { states($0, up) }, at: down)
    expectGradient(of: { states(down, $0) }, at: up)
  }
}
