import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

@Suite struct DiscriminatorTests {
  private let values: [String: Tensor]
  private let model: MultiScaleDiscriminator
  private let original, reconstruction: Tensor

  init() throws {
    values = try golden("discriminator")
    var config = MultiScaleDiscriminator.Config()
    (config.windows, config.filters) = ([64, 32], 4)
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var model = MultiScaleDiscriminator(config, using: &generator)
    try model.load(values.under("state"))
    self.model = model
    original = try #require(values["original"])
    reconstruction = try #require(values["reconstruction"])
  }

  @Test(arguments: ["original", "reconstruction"])
  func estimatesAndFeaturesEqualPyTorch(name: String) throws {
    let outputs = model(name == "original" ? original : reconstruction)
    for (k, output) in outputs.enumerated() {
      expectClose(
        output.logits, try #require(values["\(name).logits.\(k)"]), relative: 1e-5)
      #expect(output.features.count == 5)
      for (layer, feature) in output.features.enumerated() {
        let expected = try #require(values["\(name).features.\(k).\(layer)"])
        expectClose(feature, expected, relative: 1e-5)
      }
    }
  }

  @Test func theDiscriminatorsLossAndEveryGradientEqualPyTorch() throws {
    var model = model
    model.trackGradients()
    let loss = AdversarialLoss.discriminator(
      originals: model(original), reconstructions: model(reconstruction))
    expectClose(loss.detached(), try #require(values["discriminator.loss"]), relative: 1e-5)
    let gradients = loss.gradients()
    let expected = values.under("discriminator.gradient")
    #expect(Set(model.parameters.map(\.path)) == Set(expected.keys))
    for (path, parameter) in model.parameters {
      let gradient = try #require(gradients[parameter], "\(path)")
      // That of the last bias is one sum that nearly cancels.
      let relative: Float = gradient.elementCount == 1 ? 3e-4 : 1e-4
      expectClose(gradient, try #require(expected[path]), relative: relative)
    }
  }

  @Test func theLossesOfACodecAndTheirGradientsEqualPyTorch() throws {
    let originals = model(original)
    let losses =
      [
        "generator": { AdversarialLoss.generator($0) },
        "features": { AdversarialLoss.features(originals: originals, reconstructions: $0) },
      ] as [String: ([DiscriminatorOutput]) -> Tensor]
    for (name, function) in losses {
      let leaf = reconstruction.tracked()
      let loss = function(model(leaf))
      expectClose(loss.detached(), try #require(values["\(name).loss"]), relative: 1e-5)
      let gradient = try #require(loss.gradients()[leaf])
      expectClose(gradient, try #require(values["\(name).gradient"]), relative: 1e-4)
    }
  }

  @Test func theDefaultHasAsManyParametersAsEnCodec() {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    #expect(MultiScaleDiscriminator(using: &generator).parameterCount == 472_330)
  }

  @Test func featuresOfOriginalsGetNoGradient() {
    let leaf = original.tracked()
    let loss = AdversarialLoss.features(
      originals: model(leaf), reconstructions: model(reconstruction.tracked()))
    #expect(loss.gradients()[leaf] == nil)
  }

  @Test func refusesWindowsThatHaveNoQuarter() {
    var config = MultiScaleDiscriminator.Config()
    config.windows = [64, 30]
    #expect(throws: InvalidSetting("windows[1]", "30 is not a multiple of 4")) {
      try config.validate()
    }
  }

  @Test func trapsOnWaveformsShorterThanAWindow() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = RandomStream(seed: 1, purpose: .initialisation)
      _ = MultiScaleDiscriminator(using: &generator)(.zeros([1, 2047]))
    }
    expectWords(
      "SpectrogramDiscriminator: needs waveforms [B, L] of at least 2048 samples", in: result)
  }
}
