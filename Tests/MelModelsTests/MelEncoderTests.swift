import Audio
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

@Suite struct MelEncoderTests {
  /// The totals of the published files, whose positional convolution and class token no pass reads.
  @Test func thePublishedModelsHaveTheirParameters() {
    let counts = MelEncoder.Config().parameterCounts
    #expect(counts.frontEnd + counts.projection == 26_233_856)
    #expect(counts.layer == 24_175_616)
    let read = counts.total - counts.maskEmbedding
    let unread = (1024 * 64 * 128 + 128 + 1024) + 1024
    #expect(read + unread + 1024 * 4096 + 4096 == 328_932_480)  // MusicFM, one codebook
    #expect(read + unread + 1024 * 8192 + 8192 == 333_130_880)  // MuQ, eight codebooks

    var mert2 = MelEncoder.Config()
    mert2.frontEnd.convNeXt = ConvNeXtSubsampling.Config()
    (mert2.layers, mert2.finalNorm) = (24, false)
    #expect(mert2.parameterCount - mert2.width == 632_295_808)
  }

  /// 21.4 GMAC a second of audio, of which the convolutions take 13.66 and the projection .42.
  @Test func thePublishedModelsCostWhatTheyDo() {
    let config = MelEncoder.Config()
    let products = config.products(samples: 30 * 24_000) / 30
    #expect(abs(products / 1e9 - 21.4) < 0.2, "\(products)")
  }

  private static let configs: [String: MelEncoder.Config] = {
    var (layered, causal, banded) = (
      MelEncoder.Config.tiny, MelEncoder.Config.tiny, MelEncoder.Config.tiny
    )
    layered.convolutionNorm = .layer
    layered.rotary.place = .queriesAndKeys
    (layered.rotary.pairs, layered.rotary.channels) = (.neighbours, 2)
    (causal.isCausal, causal.kernel) = (true, 4)
    causal.frontEnd.residual!.timeStrides = [2, 1, 3]
    var mel = SpectrumInput.MelBands()
    (mel.bands, mel.fftLength) = (21, 512)
    (banded.input.mel, banded.input.statistics) = (mel, .perBand)
    banded.frontEnd.residual!.timeStrides = [3]
    var (patched, convNeXt) = (MelEncoder.Config.tiny, MelEncoder.Config.tiny)
    (patched.frontEnd.residual, patched.frontEnd.patches) = (nil, FramePatches.Config())
    (patched.activation, patched.finalNorm) = (.gelu, false)
    var stages = ConvNeXtSubsampling.Config()
    (stages.channels, stages.layers, stages.timeStrides) = ([6, 9], [1, 0], [3, 2])
    (convNeXt.frontEnd.residual, convNeXt.frontEnd.convNeXt) = (nil, stages)
    var pitched = MelEncoder.Config.tiny
    var octaves = SpectrumInput.PitchBands()
    (octaves.bands, octaves.bandsPerOctave, octaves.lowestFrequency) = (30, 12, 110)
    (pitched.input.constantQ, pitched.input.statistics) = (octaves, .perBand)
    var deepNorm = patched
    (deepNorm.attentionNorm, deepNorm.attentionResidualFactor) = (.after, 2.6)
    (deepNorm.attentionBiases, deepNorm.convolutionBiases) = (false, true)
    (deepNorm.isCausal, deepNorm.convolutionIsCausal) = (true, false)
    (deepNorm.innerNormEpsilon, deepNorm.initialScale) = (1e-4, 0.5)
    deepNorm.input.keepsLastFrame = true
    mel = SpectrumInput.MelBands()
    (mel.scale, mel.areaNormalized, mel.compression) = (.slaney, true, .shiftedLogarithm)
    deepNorm.input.mel = mel
    var sampled = patched
    (sampled.input.takesSamples, sampled.input.hopLength) = (true, 40)
    return [
      "deepNorm": deepNorm, "sampled": sampled, "pitched": pitched, "published": .tiny,
      "layered": layered, "causal": causal,
      "banded": banded,
      "patched": patched, "convNeXt": convNeXt,
    ]
  }()

  @Test(arguments: configs.keys.sorted())
  func countsAreThoseOfTheEncoder(name: String) throws {
    let config = Self.configs[name]!
    let encoder = try MelEncoder.random(config)
    #expect(encoder.parameterCount == config.parameterCount)
    #expect(encoder.frontEnd.parameterCount == config.parameterCounts.frontEnd)
    #expect((encoder.projection?.parameterCount ?? 0) == config.parameterCounts.projection)
    #expect(encoder.conformer.layers[0].parameterCount == config.parameterCounts.layer)
  }

  @Test(arguments: configs.keys.sorted())
  func framesAreCounted(name: String) throws {
    let config = Self.configs[name]!
    let encoder = try MelEncoder.random(config)
    for frames in [1, 2, 5] {
      let samples = config.sampleCount(frames: frames)
      #expect(config.frameCount(samples: samples) == frames)
      #expect(config.frameCount(samples: samples - 1) == frames - 1)
      let states = encoder.hiddenStates(.normal([2, samples], seed: 1))
      #expect(states.map(\.shape) == .init(repeating: [2, frames, 12], count: config.layers + 1))
    }
    #expect(config.frameCount(samples: 30 * config.stride) == 30)
  }

  @Test(arguments: configs.keys.sorted())
  func aFolderKeepsIt(name: String) throws {
    var encoder = try MelEncoder.random(Self.configs[name]!)
    encoder.input.mean = .normal(encoder.input.mean.shape, seed: 2)
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
    }
  }

  @Test(arguments: configs.keys.sorted())
  func everyParameterHasAGradient(name: String) throws {
    var encoder = try MelEncoder.random(Self.configs[name]!)
    encoder.trackGradients()
    let pass = ForwardPass.training(seed: 1, step: 1, rows: 2)
    let samples = encoder.config.sampleCount(frames: 6)
    let features = encoder.features(.normal([2, samples], seed: 1))
    let frames = encoder.project(features, in: pass)
    let y = encoder.contextualise(frames, masked: [[1, 2], []], in: pass)
    let gradients = (y * .normal(y.shape, seed: 3)).sum().gradients()
    for (path, parameter) in encoder.parameters {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      #expect(gradient.scalars.allSatisfy { $0.isFinite }, "\(path)")
    }
  }

  /// A long file in windows: near the states of one pass, and the same for any number at once.
  @Test func aLongFileIsReadInWindows() throws {
    let encoder = try MelEncoder.load(muqFolder)
    let samples = Tensor.normal([24_000 * 6], seed: 4).scalars.map { $0 * 0.1 }
    let whole = try encoder.stackedHiddenStates(of: samples)
    let windows = EncoderWindows(seconds: 3, overlapSeconds: 1)
    let parts = try encoder.stackedHiddenStates(of: samples, windows: windows)
    #expect(whole.shape == [3, 150, 12] && parts.shape == whole.shape)
    // The states before attention see their neighbours alone, so that those within the file are the same.
    let (a, b) = (whole[0][..<140, 0...], parts[0][..<140, 0...])
    expectClose(b, a, relative: 1e-4)
    let atOnce = try encoder.stackedHiddenStates(
      of: samples, windows: EncoderWindows(seconds: 3, overlapSeconds: 1, batchSize: 3))
    expectClose(atOnce, parts, relative: 1e-5)
  }

  @Test func someLayersAreThoseOfAll() throws {
    let encoder = try MelEncoder.load(muqFolder)
    let samples = Tensor.normal([9_000], seed: 4).scalars
    let all = try encoder.hiddenStates(of: samples)
    for layer in 0...2 {
      let some = try encoder.hiddenStates(of: samples, layers: [layer])
      #expect(some.map(\.scalars) == [all[layer].scalars])
    }
  }

  /// Padding is not attended to; the convolutions near the end see it.
  @Test func framesPastTheLengthAreNotAttendedTo() throws {
    let encoder = try MelEncoder.load(muqFolder)
    let waveform = try expectedOfMuQ("waveform")
    let states = encoder.hiddenStates(waveform, lengths: [13, 8])
    let whole = encoder.hiddenStates(waveform)
    expectClose(states[2][0], whole[2][0], relative: 1e-5)
    #expect(states[0][1, 8...].scalars.allSatisfy { $0 == 0 })
    #expect(states[2][1, 0].scalars != whole[2][1, 0].scalars)
  }

  @Test(arguments: [
    ("heads", 5, "encoder.heads: 5 does not divide the width 12"),
    ("kernel", 4, "encoder.kernel: 4 taps have no middle"),
    ("heads", 12, "encoder.rotary.channels: 1 are not pairs within the 1 channels of a head"),
    ("bands", 0, "encoder.input.mel.bands: 0"),
    ("fftLength", 1_023, "encoder.input.mel.fftLength: 1023 is odd"),
    ("octaves", 300, "encoder.input.constantQ.bands: the highest of 300 lies at 184"),
    ("compression", 0, "encoder.input.constantQ.compression: must be above 0, is 0"),
    ("channels", 0, "encoder.frontEnd.residual.channels: 0"),
    ("strides", 64, "encoder.frontEnd: a frame would have more samples than a year"),
    ("residual", 0, "encoder.frontEnd: residual, convNeXt and patches exclude each other"),
  ])
  func aConfigurationIsChecked(setting: String, value: Int, problem: String) {
    var config = MelEncoder.Config.tiny
    switch setting {
    case "heads": config.heads = value
    case "kernel": config.kernel = value
    case "bands":
      config.input.mel = SpectrumInput.MelBands()
      config.input.mel!.bands = value
    case "fftLength":
      config.input.mel = SpectrumInput.MelBands()
      (config.input.mel!.fftLength, config.input.keepsLastFrame) = (value, true)
    case "octaves":
      config.input.constantQ = SpectrumInput.PitchBands()
      config.input.constantQ!.bands = value
    case "compression":
      config.input.constantQ = SpectrumInput.PitchBands()
      config.input.constantQ!.compression = 0
    case "strides": config.frontEnd.residual!.timeStrides = .init(repeating: value, count: 8)
    case "residual": config.frontEnd.patches = FramePatches.Config()
    default: config.frontEnd.residual!.channels = value
    }
    expectError(problem) { _ = try MelEncoder.random(config) }
  }

  /// Bands of both kinds lie side by side, those of pitch first, and each is what it is alone.
  @Test func pitchAndMelBandsLieSideBySide() {
    var both = MelEncoder.Config.tiny.input
    both.statistics = .perBand
    (both.mel, both.constantQ) = (SpectrumInput.MelBands(), SpectrumInput.PitchBands())
    (both.mel!.bands, both.mel!.fftLength, both.constantQ!.bands) = (20, 512, 30)
    (both.constantQ!.lowestFrequency, both.constantQ!.compression) = (110, 1_000)
    var (mel, pitch) = (both, both)
    (mel.constantQ, pitch.mel) = (nil, nil)
    var stream = RandomStream(seed: 4, purpose: .corpus)
    let waveform = Tensor.normal([2, 3_011], standardDeviation: 0.1, using: &stream)
    func bands(_ config: SpectrumInput.Config) -> Tensor {
      SpectrumInput(config, sampleRate: 8_000).bands(of: waveform)
    }
    let expected = Tensor.concatenated([bands(pitch), bands(mel)], axis: 2)
    #expect(bands(both).shape[2] == 50 && bands(both).scalars == expected.scalars)
    #expect(bands(both).scalars.allSatisfy { $0.isFinite })
  }

  /// The initial weights of the branches are multiplied, and no others.
  @Test func theInitialWeightsOfBranchesAreScaled() throws {
    var config = Self.configs["deepNorm"]!
    let scaled = try MelEncoder.random(config).conformer.layers[1]
    config.initialScale = 1
    let plain = try MelEncoder.random(config).conformer.layers[1]
    let names = [
      "first.inner", "first.output", "last.inner", "last.output", "attention.value",
      "attention.output",
    ]
    for ((path, a), (_, b)) in zip(scaled.parameters, plain.parameters) {
      let factor: Float = names.contains { path == $0 + ".weight" } ? 0.5 : 1
      #expect(a.scalars == (b * factor).scalars, "\(path)")
    }
  }

  /// Settings that a file of an earlier version lacks have their defaults; unknown ones are refused.
  @Test func aFolderMayLackSettings() throws {
    let encoder = try MelEncoder.random(Self.configs["banded"]!)
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      let url = folder.appendingPathComponent("config.json")
      let text = try String(contentsOf: url, encoding: .utf8)
      let lines = text.split(separator: "\n").filter { line in
        ["attention_biases", "takes_samples", "\"scale\"", "compression", "initial_scale"]
          .allSatisfy { !line.contains($0) }
      }
      #expect(lines.count == text.split(separator: "\n").count - 5)
      try Data(lines.joined(separator: "\n").utf8).write(to: url)
      expectSame(try MelEncoder.load(folder), encoder)
      try Data(text.replacing("\"heads\"", with: "\"haeds\"").utf8).write(to: url)
      expectError("config.json: encoder.haeds: no such setting; did you mean 'heads'?") {
        _ = try MelEncoder.load(folder)
      }
    }
  }

  /// A plan reads what a model is, and not its weights.
  @Test(arguments: [
    ("muq", "config.json"), ("mert2", "config.json"), ("omar-rq/mel", "config.gin"),
    ("omar-rq/waveform", "config.gin"),
  ])
  func aConfigurationIsReadWithoutTheWeights(model: String, name: String) throws {
    let original = publishedFolder.appendingPathComponent(model)
    let expected = try MelEncoder.load(original).config
    try withTemporaryFolder { copy in
      try FileManager.default.copyItem(
        at: original.appendingPathComponent(name), to: copy.appendingPathComponent(name))
      let config = try Encoders.config(of: copy)
      #expect(config.isEqual(to: expected))
      expectError("") { _ = try Encoders.load(copy) }
    }
    let musicFM = try MelEncoder.load(musicFMFile).config
    #expect(try Encoders.config(of: musicFMFile).isEqual(to: musicFM))
  }

  /// The file is to blame, and not the audio that such an encoder would make NaN of.
  @Test(arguments: [
    ("input.deviation", Float(-1)), ("input.deviation", 0), ("input.deviation", 1e-38),
    ("conformer.layers.1.convolution.norm.variance", -0.5),
    ("frontEnd.blocks.0.skipNorm.variance", -0.5),
  ])
  func damagedStatisticsAreRefused(path: String, value: Float) throws {
    let encoder = try Self.tiny(holding: value, in: path)
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      expectError("model.safetensors: '\(path)' holds \(value)", "get a fresh copy") {
        _ = try MelEncoder.load(folder)
      }
    }
  }

  /// A variance of 0 is that of a channel that is always the same.
  @Test func varianceMayBeZero() throws {
    let encoder = try Self.tiny(holding: 0, in: "conformer.layers.1.convolution.norm.variance")
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
    }
  }

  private static func tiny(holding value: Float, in path: String) throws -> MelEncoder {
    var encoder = try MelEncoder.random(.tiny)
    var state = Dictionary(uniqueKeysWithValues: encoder.state.map { ($0.path, $0.tensor) })
    state[path]!.update { $0[0] = value }
    try encoder.load(state)
    return encoder
  }

  @Test func everyTensorIsVisited() throws {
    let encoder = try MelEncoder.random(.tiny)
    #expect(
      encoder.state.map(\.path).prefix(3) == [
        "input.mean", "input.deviation", "frontEnd.blocks.0.first.weight",
      ])
    #expect(Set(encoder.state.map(\.path)).count == encoder.state.count)
  }

  @Test func statisticsOfAnotherModelTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var encoder = try MelEncoder.random(.tiny)
      var config = MelEncoder.Config.tiny
      config.layers = 3
      let pass = ForwardPass.training(
        seed: 1, step: 1, samples: [0], keeping: .batchStatistics)
      _ = try MelEncoder.random(config)(.normal([1, 4_000], seed: 1), in: pass)
      encoder.updateStatistics(from: pass.batchStatistics)
    }
    expectWords("MelEncoder: 1 of the statistics are not of its norms", in: result)
  }

  /// Bands of a constant-Q transform are a teacher's: `ln(1 + 10 a)`, without the last frame.
  @Test func pitchBandsAreThoseOfTheTransform() throws {
    var config = ConstantQ.Config()
    (config.bins, config.binsPerOctave, config.lowestFrequency) = (30, 12, 110)
    (config.hopLength, config.compression) = (240, .logarithmic)
    let samples = Tensor.normal([7_300], seed: 3).scalars
    let expected = ConstantQ(config, sampleRate: 24_000)(samples)[..<30, 0...]
    var encoder = try MelEncoder.random(Self.configs["pitched"]!)
    encoder.input.mean = .normal([30], seed: 4)
    encoder.input.deviation = .ones([30]) * 2
    let found = encoder.features(Tensor(samples, shape: [1, 7_300]))
    expectClose(found[0], (expected - encoder.input.mean) / 2, relative: 1e-6)
  }
}
