import Models
import Tensor
import TestSupport
import Testing

@Suite struct ForwardPassTests {
  private static var busy: AudioEncoder.Config {
    var config = AudioEncoder.Config.tinyLarge
    (config.inputDropout, config.dropout, config.attentionDropout) = (0.2, 0.2, 0.2)
    (config.activationDropout, config.layerDrop) = (0.2, 0)
    return config
  }

  /// The draws belong to the sample, whatever batch it is in.
  @Test func aSampleIsTheSameInAnyBatch() throws {
    let encoder = try AudioEncoder.random(Self.busy)
    let waveform = Tensor.normal([3, 200], seed: 1)
    func run(_ rows: Range<Int>, _ samples: [Int], step: Int = 4) -> Tensor {
      encoder(
        waveform.sliced(axis: 0, rows), in: .training(seed: 9, step: step, samples: samples))
    }
    let batch = run(0..<3, [10, 11, 12])
    expectClose(run(1..<2, [11]), batch.sliced(axis: 0, 1..<2), relative: 1e-5)
    #expect(run(0..<3, [10, 11, 12]).scalars == batch.scalars)
    #expect(run(1..<2, [12]).scalars != run(1..<2, [11]).scalars)
    #expect(run(1..<2, [11], step: 5).scalars != run(1..<2, [11]).scalars)
  }

  @Test func rowsWithoutNumbersAreNumberedFromZero() throws {
    let encoder = try AudioEncoder.random(Self.busy)
    let waveform = Tensor.normal([3, 200], seed: 1)
    let numbered = encoder(waveform, in: .training(seed: 9, step: 4, samples: [0, 1, 2]))
    let plain = encoder(waveform, in: .training(seed: 9, step: 4, rows: 3))
    #expect(plain.scalars == numbered.scalars)
  }

  @Test func everyPlaceDropsOtherValues() {
    let pass = ForwardPass.training(seed: 1, step: 0, samples: [0])
    let first = pass.dropout(.ones([1, 64]), probability: 0.5)
    let second = pass.dropout(.ones([1, 64]), probability: 0.5)
    #expect(first.scalars != second.scalars)
    #expect(Set(first.scalars) == [0, 2])
  }

  @Test func evaluatingDropsNothing() {
    let pass = ForwardPass.evaluating()
    #expect(pass.dropout(.ones([1, 8]), probability: 0.5).scalars.allSatisfy { $0 == 1 })
    #expect(pass.dropoutMask(probability: 0.5) == nil)
    #expect(!pass.drops(layer: 0, probability: 0.99))
  }

  @Test func layersDropWithTheirProbability() {
    var dropped = [0, 0, 0]
    for step in 0..<2000 {
      let pass = ForwardPass.training(seed: 3, step: step, samples: [])
      for layer in 0..<3 where pass.drops(layer: layer, probability: 0.3) { dropped[layer] += 1 }
    }
    // Three standard deviations of a binomial count are 61.
    #expect(dropped.allSatisfy { abs($0 - 600) < 62 }, "\(dropped)")
    #expect(Set(dropped).count > 1)
  }

  @Test func aDroppedLayerPassesItsInputOn() throws {
    var config = AudioEncoder.Config.tiny
    (config.inputDropout, config.dropout, config.attentionDropout) = (0, 0, 0)
    config.layerDrop = 0.5
    let encoder = try AudioEncoder.random(config)
    let waveform = Tensor.normal([1, 200], seed: 1)
    var seen: Set<Int> = []
    for step in 0..<20 {
      let pass = ForwardPass.training(
        seed: 1, step: step, samples: [0], keeping: [.hiddenStates, .feedForwardOutputs])
      _ = encoder(waveform, in: pass)
      let states = pass.hiddenStates.map(\.scalars)
      let ran = (0..<2).filter { states[$0] != states[$0 + 1] }
      #expect(ran == (0..<2).filter { !pass.drops(layer: $0, probability: 0.5) })
      #expect(pass.feedForwardOutputs.count == ran.count)
      seen.insert(ran.count)
    }
    #expect(seen == [0, 1, 2])
  }

  /// In a pre-norm layer the feed-forward output is what the second residual sum adds.
  @Test func feedForwardOutputsComeBeforeTheResidual() throws {
    let encoder = try AudioEncoder.random(.tinyLarge)
    let pass = ForwardPass.evaluating(keeping: [.hiddenStates, .feedForwardOutputs])
    _ = encoder(.normal([1, 200], seed: 1), in: pass)
    #expect(pass.feedForwardOutputs.count == 2)
    #expect(pass.feedForwardOutputs.allSatisfy { $0.shape == pass.hiddenStates[0].shape })

    // Without attention's output the layer is x + feedForward(norm(x)).
    var silent = encoder
    silent.update { place, tensor in
      if place.path.contains("attention.output") { tensor = .zeros(tensor.shape) }
    }
    let again = ForwardPass.evaluating(keeping: [.hiddenStates, .feedForwardOutputs])
    _ = silent(.normal([1, 200], seed: 1), in: again)
    for layer in 0..<2 {
      expectClose(
        again.hiddenStates[layer + 1] - again.hiddenStates[layer],
        again.feedForwardOutputs[layer], relative: 1e-4)
    }
  }

  @Test(arguments: [Float(0.1), 0])
  func theFrontEndLearnsAtItsOwnPace(scale: Float) throws {
    func gradients(_ scale: Float) throws -> [(path: String, gradient: Tensor?)] {
      var config = AudioEncoder.Config.tiny
      config.frontEnd.gradientScale = scale
      var encoder = try AudioEncoder.random(config)
      encoder.trackGradients()
      let states = encoder(.normal([1, 200], seed: 1), in: .evaluating())
      let all = (states * .normal(states.shape, seed: 2)).sum().gradients()
      return encoder.parameters.map { ($0.path, all[$0.tensor]) }
    }
    for (full, scaled) in zip(try gradients(1), try gradients(scale)) {
      guard let expected = full.gradient else { continue }
      if !full.path.hasPrefix("extractor.") {
        expectClose(try #require(scaled.gradient), expected, relative: 1e-5)
      } else if scale == 0 {
        #expect(scaled.gradient == nil)
      } else {
        expectClose(try #require(scaled.gradient), expected * scale, relative: 1e-4)
      }
    }
  }
}
