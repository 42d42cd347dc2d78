import Models
import Tensor
import TestSupport
import Testing

@Suite struct CodecTests {
  /// The counts of PyTorch's modules.
  @Test func publishedSizes() {
    let causal = Codec.Config.encodec24kHz
    #expect(causal.parameterCounts.encoder == 7_425_792)
    #expect(causal.parameterCounts.decoder == 7_426_018)
    #expect(causal.stride == 320 && causal.frameRate == 75)
    #expect([319, 320, 321, 24_000, 24_001].map(causal.frameCount) == [1, 1, 2, 75, 76])
    #expect(Codec.Config.musicGen32kHz.frameRate == 50)
    #expect(Codec.Config.encodec48kHz.frameRate == 150)
    // Two chunks of a second, which begin 0.99 s apart, and one of what is left.
    #expect(Codec.Config.encodec48kHz.frameCount(samples: 100_000) == 150 + 150 + 16)
  }

  @Test(arguments: Codec.Config.tiny)
  func countsItsParameters(config: Codec.Config) {
    let codec = Codec.random(config)
    #expect(config.parameterCounts.encoder == codec.encoder.parameterCount)
    #expect(config.parameterCounts.decoder == codec.decoder.parameterCount)
  }

  @Test(arguments: Codec.Config.tiny)
  func everyTensorIsNamed(config: Codec.Config) {
    let codec = Codec.random(config)
    #expect(Set(storedTensors(in: codec)) == Set(codec.state.map(\.path)))
  }

  @Test func codebooksAreBuffers() {
    var codec = Codec.random(.tinyCausal)
    codec.trackGradients()
    #expect(codec.parameters.allSatisfy { !$0.path.hasPrefix("quantizer") && $0.tensor.isTracked })
    #expect(codec.buffers.count == 16 && codec.buffers.allSatisfy { !$0.tensor.isTracked })
  }

  /// Every parameter of encoder and decoder has a gradient, those of gains and norms with it.
  @Test(arguments: Codec.Config.tiny)
  func gradientsReachEveryParameter(config: Codec.Config) {
    var codec = Codec.random(config)
    codec.trackGradients()
    let x = Tensor.normal([2, 90, config.channels], seed: 4)
    let pass = ForwardPass.training(seed: 1, step: 0, rows: 2)
    let y = codec.waveform(of: codec.latents(of: x, in: pass), samples: 90, in: pass)
    let gradients = y.squared().mean().gradients()
    for (path, parameter) in codec.parameters {
      let gradient = gradients[parameter]
      #expect(gradient?.shape == parameter.shape, "\(path)")
      #expect(gradient?.scalars.contains { $0 != 0 } == true, "\(path)")
    }
  }

  /// The gradient of a norm over channels and time, and of weight norm.
  @Test func gradientsOfTheNorms() {
    let x = Tensor.normal([2, 5, 3], seed: 2)
    var norm = GroupNorm(channels: 3)
    (norm.weight, norm.bias) = (.normal([3], seed: 5), .normal([3], seed: 6))
    expectGradient(of: { norm($0) }, at: x)
    var stream = RandomStream(seed: 1, purpose: .initialisation)
    let conv = CodecConvolution(from: 3, to: 2, kernel: 3, .tinyCausal, using: &stream)
    expectGradients(
      of: { inputs in
        var copy = conv
        (copy.weight, copy.gain) = (inputs[0], inputs[1])
        return copy(x)
      }, at: [conv.weight, conv.gain!])
  }

  @Test func quantisesToTheNearestEntries() {
    var quantizer = ResidualQuantizer(config(codebooks: 2, codes: 4), width: 1)
    quantizer.codebooks[0].vectors = Tensor([-10, 0, 10, 20], shape: [4, 1])
    quantizer.codebooks[1].vectors = Tensor([-3, -1, 1, 3], shape: [4, 1])
    let latents = Tensor([9, 14, -0.5, 0.2], shape: [4, 1])
    let codes = quantizer.codes(of: latents, codebooks: 2)
    #expect(codes.integers == [2, 1, 2, 3, 1, 1, 1, 2])
    #expect(quantizer.latents(of: codes).scalars == [9, 13, -1, 1])
    #expect(quantizer.codes(of: latents, codebooks: 1).integers == [2, 2, 1, 1])
  }

  private func config(codebooks: Int, codes: Int) -> ResidualQuantizer.Config {
    var config = ResidualQuantizer.Config()
    (config.codebooks, config.codes) = (codebooks, codes)
    return config
  }

  @Test func mistakesTrap() async {
    expectWords(
      "Codec: strides: 0 stages are not between 1 and 12",
      in: await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var config = Codec.Config()
        config.strides = []
        var stream = RandomStream(seed: 1, purpose: .initialisation)
        _ = Codec(config, using: &stream)
      })
    expectWords(
      "latents: expected [B, L, 1] with at least one sample, got shape [1, 5]",
      in: await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Codec.random(.tinyCausal).latents(of: .zeros([1, 5]), in: .evaluating())
      })
    expectWords(
      "waveform: 2 frames of 20 samples do not yield 41",
      in: await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Codec.random(.tinyCausal).waveform(
          of: .zeros([1, 2, 5]), samples: 41, in: .evaluating())
      })
    expectWords(
      "codes: 5 of 4 codebooks",
      in: await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Codec.random(.tinyCausal).quantizer.codes(of: .zeros([1, 5]), codebooks: 5)
      })
  }
}
