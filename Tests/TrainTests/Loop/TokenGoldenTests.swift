import MelModels
import Models
import Optimisation
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Masked prediction of tokens against PyTorch, see Golden/tokens.py.
@Suite struct TokenGoldenTests {
  private var config: MelEncoder.Config {
    var config = MelEncoder.Config()
    config.sampleRate = 2_000
    config.input.hopLength = 20
    config.input.mel = SpectrumInput.MelBands()
    (config.input.mel!.bands, config.input.mel!.fftLength) = (8, 64)
    config.input.statistics = .perBand
    config.frontEnd.patches = FramePatches.Config()
    (config.width, config.layers, config.heads) = (12, 2, 3)
    (config.feedForwardWidth, config.kernel) = (20, 5)
    (config.activation, config.convolutionNorm) = (.gelu, .layer)
    (config.finalNorm, config.rotary) = (false, Rotary())
    (config.dropout, config.attentionDropout, config.activationDropout) = (0, 0, 0)
    return config
  }

  /// Two random projections of ten channels; levels of four, all of whose correlations are removed.
  private var objective: Objective {
    var projections = RandomProjectionTokens()
    (projections.codebooks, projections.codes, projections.projectedWidth) = (2, 16, 4)
    var levels = ScalarTokens()
    levels.levels = [4, 3, 5]
    let mel = stream("mel", bands: 10) { $0.tokens.randomProjection = projections }
    let chroma = stream("chroma", bands: 4) {
      ($0.tokens.scalar, $0.whitening, $0.weight) = (levels, .full, 0.5)
    }
    var objective = Objective()
    objective.tokens = TokenPrediction.Config()
    objective.tokens!.streams = [mel, chroma]
    objective.unmaskedWeight = 0.4
    return objective
  }

  private func stream(
    _ name: String, bands: Int, _ edit: (inout TokenStream) -> Void
  ) -> TokenStream {
    var stream = TokenStream()
    stream.name = name
    stream.features.mel = MelFrames()
    stream.features.mel!.bands = bands
    edit(&stream)
    return stream
  }

  private func model(_ file: [String: Tensor]) throws -> PretrainingModel {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var model = PretrainingModel(
      encoder: try MelEncoder(config, using: &generator), objective: objective, codebooks: [],
      using: &generator)
    try model.load(file.under("initial"))
    model.trackGradients()
    return model
  }

  /// Noise without deviation puts zeros in place of masked samples.
  private func loss(
    of model: PretrainingModel, batch number: Int, _ file: [String: Tensor]
  ) throws -> Loss {
    func part(_ name: String) throws -> Tensor { try #require(file[name]).part(number) }
    let mask = try part("mask")
    let indices = (0..<2).map { row in
      (0..<mask.shape[1]).filter { mask.integers[row * mask.shape[1] + $0] != 0 }
    }
    let streams = (0..<2).map { RandomStream(seed: 1, purpose: .masking, sample: $0) }
    let masked = MaskedFrames(
      frames: mask.shape[1], indices: indices, filling: .waveformNoise(deviation: 0, streams))
    let batch = Batch(
      audio: try part("audio"), samples: [0, 1], targets: ["tokens": try part("features")])
    return try model.loss(batch, masked: masked, teacher: nil, in: .evaluating())
  }

  @Test func termsAndEveryGradient() throws {
    let file = try golden("tokens")
    let model = try model(file)
    let loss = try loss(of: model, batch: 0, file)
    expectClose(loss.total, try #require(file["term.total"]), relative: 1e-5)
    let terms = file.under("term").filter { $0.key != "total" }
    #expect(Set(loss.terms.keys) == Set(terms.keys))
    for (name, expected) in terms {
      let found = try #require(loss.terms[name])
      #expect(abs(found - expected.scalar) <= 1e-4 * max(1, abs(expected.scalar)), "\(name)")
    }

    let gradients = loss.total.gradients()
    let expected = file.under("gradient")
    #expect(
      Set(model.parameters.map(\.path)) == Set(expected.keys).union(["encoder.maskEmbedding"]))
    for (path, parameter) in model.parameters where path != "encoder.maskEmbedding" {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      if path.hasSuffix("key.bias") {
        // A constant added to every key is turned with its frame, so it does not vanish, but is small.
        expectClose(gradient, try #require(expected[path]), relative: 1e-3)
      } else {
        expectClose(gradient, try #require(expected[path]), relative: 1e-4)
      }
    }
  }

  @Test func tenSteps() throws {
    let file = try golden("tokens")
    var model = try model(file)
    var adam = AdamW.Config()
    adam.clipNorm = 0.8
    var optimizer = AdamW(adam, for: model)
    for step in 0..<10 {
      let loss = try loss(of: model, batch: step % 2, file)
      let norm = optimizer.update(&model, along: loss.total.gradients(), rate: 5e-3).total
      let expected = try (#require(file["losses"]), #require(file["norms"]))
      expectNear(loss.total.scalar, expected.0.scalars[step], "loss at step \(step)")
      expectNear(norm, expected.1.scalars[step], "gradient norm at step \(step)")
    }
  }

  private func expectNear(_ found: Float, _ expected: Float, _ what: String) {
    #expect(abs(found - expected) <= 1e-4 * abs(expected), "\(what): \(found) for \(expected)")
  }
}

extension Tensor {
  /// The `index`-th of the tensors stacked along axis 0.
  fileprivate func part(_ index: Int) -> Tensor {
    let rest = shape.removing(axis: 0)
    let (start, count) = (index * rest.elementCount, rest.elementCount)
    if dtype == .int32 { return Tensor(Array(integers[start..<start + count]), shape: rest) }
    return Tensor(Array(scalars[start..<start + count]), shape: rest)
  }
}
