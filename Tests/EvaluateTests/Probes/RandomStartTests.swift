import Evaluate
import MelModels
import Models
import Tensor
import Testing

/// What a random initialisation takes over of the trained model beside which it is probed.
@Suite struct RandomStartTests {
  private static let config: MelEncoder.Config = {
    var config = MelEncoder.Config()
    (config.sampleRate, config.input.hopLength) = (8_000, 80)
    config.input.mel = SpectrumInput.MelBands()
    (config.input.mel!.bands, config.input.mel!.fftLength) = (8, 256)
    config.input.statistics = .perBand
    config.frontEnd.patches = FramePatches.Config()
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (12, 1, 3, 16)
    (config.kernel, config.convolutionNorm) = (5, .layer)
    return config
  }()

  private func encoder(mean: Float) throws -> MelEncoder {
    var generator = RandomStream(seed: 9, purpose: .initialisation)
    var encoder = try MelEncoder(Self.config, using: &generator)
    encoder.inputStatistics = InputStatistics(
      mean: Array(repeating: mean, count: 8), deviation: Array(repeating: 3, count: 8))
    return encoder
  }

  /// Weights of the seed, and the statistics of the trained model: its first state differs from that of an encoder
  /// without them.
  @Test func theInputHasTheSameStatistics() throws {
    let trained = try encoder(mean: -20)
    let samples = (0..<8_000).map { 0.3 * Float($0 % 97) / 97 }
    func states(_ start: RandomStart) throws -> [Float] {
      let subject = ProbeSubject.randomInitialisation(of: start, name: "random")
      return try subject.features(4).layers(samples)[0].scalars
    }
    var generator = RandomStream(seed: 4, purpose: .initialisation)
    var drawn = try MelEncoder(Self.config, using: &generator)
    drawn.inputStatistics = trained.inputStatistics
    let found = try states(RandomStart(of: trained))
    #expect(found == (try drawn.hiddenStates(of: samples)[0].scalars))
    #expect(found != (try states(RandomStart(of: Self.config))))
  }

  @Test func contendersShareItIfTheirStatisticsAreThoseOfEachOther() throws {
    let start = RandomStart(of: try encoder(mean: -20))
    #expect(start == RandomStart(of: try encoder(mean: -20)))
    #expect(start != RandomStart(of: try encoder(mean: -21)))
    #expect(start != RandomStart(of: Self.config))
    #expect(RandomStart(of: AudioEncoder.Config()) == RandomStart(of: AudioEncoder.Config()))
    #expect(RandomStart(of: AudioEncoder.Config()) != RandomStart(of: Self.config))
  }
}
