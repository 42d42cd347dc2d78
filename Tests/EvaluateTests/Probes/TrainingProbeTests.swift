import Evaluate
import Models
import Tensor
import Testing
import Train

@Suite struct TrainingProbeTests {
  private func encoder(seed: UInt64) throws -> AudioEncoder {
    var config = AudioEncoder.Config()
    config.sampleRate = 8_000
    (config.frontEnd.channels, config.frontEnd.kernels) = ([6, 6], [40, 8])
    config.frontEnd.strides = [20, 8]
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (8, 1, 2, 8)
    (config.position.kernel, config.position.groups) = (4, 2)
    var generator = RandomStream(seed: seed, purpose: .initialisation)
    return try AudioEncoder(config, using: &generator)
  }

  /// The same pieces and folds each time: equal models have equal scores, whatever was probed between.
  @Test func scoresFollowTheModelAlone() throws {
    let probe = TrainingProbes.ofBuiltInMusic()
    var settings = Recipe.Probe()
    settings.pieces = 12
    let (a, b) = (try encoder(seed: 1), try encoder(seed: 2))
    let first = try probe(a, settings)
    #expect(first.keys.sorted() == ["beat", "instrument", "pitch"])
    #expect(first.values.allSatisfy { (0...1).contains($0) })
    #expect(try probe(b, settings) != first)
    #expect(try probe(a, settings) == first)
  }
}
