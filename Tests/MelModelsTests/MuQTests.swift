import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// Folders of MuQ and checkpoints of MusicFM against the authors' code, see Golden/models_mel.py.
@Suite struct MuQTests {
  @Test func theMelFramesAreTorchaudios() throws {
    let encoder = try MelEncoder.load(muqFolder)
    let features = encoder.features(try expectedOfMuQ("waveform"))
    expectClose(features, try expectedOfMuQ("mel"), relative: 1e-5)
  }

  @Test func theHiddenStatesAreMuQs() throws {
    let encoder = try MelEncoder.load(muqFolder)
    #expect(encoder.config == .tiny)
    let states = encoder.hiddenStates(try expectedOfMuQ("waveform"))
    expectClose(.stacked(states), try expectedOfMuQ("states"), relative: 2e-5)
  }

  @Test func theHiddenStatesAreMuQsAt50FramesASecond() throws {
    try withMuQFolder(replacing: "\"label_rate\": 25", with: "\"label_rate\": 50") { folder in
      let encoder = try MelEncoder.load(folder)
      #expect(encoder.config.frameRate == 50)
      let states = encoder.hiddenStates(try expectedOfMuQ("waveform"))
      expectClose(.stacked(states), try expectedOfMuQ("states-50"), relative: 2e-5)
    }
  }

  @Test func bfloat16StaysNear() throws {
    let encoder = try MelEncoder.load(muqFolder)
    let states = encoder.hiddenStates(try expectedOfMuQ("waveform"), precision: .bf16)
    #expect(relativeRMS(.stacked(states), try expectedOfMuQ("states")) < 0.02)
  }

  /// An encoder whose every parameter is the expected gradient of that parameter, and whose every buffer is the
  /// expected one.
  private static func expected(_ mode: String) throws -> MelEncoder {
    let file = try SafeTensors(contentsOf: muqFolder.appendingPathComponent("golden.safetensors"))
    let names = file.names.filter { $0.hasPrefix(mode + ".") && !$0.hasSuffix("tracked") }
    let tensors = try names.map {
      (name: String($0.dropFirst(mode.count + 1)), tensor: try file.tensor($0))
    }
    var encoder: MelEncoder?
    try withMuQFolder { folder in
      try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
      encoder = try MelEncoder.load(folder)
    }
    return try #require(encoder)
  }

  @Test(arguments: ["evaluating", "training"])
  func everyGradientIsMuQs(mode: String) throws {
    var encoder = try MelEncoder.load(muqFolder)
    encoder.trackGradients { !$0.path.hasPrefix("maskEmbedding") }
    let pass = Self.pass(mode)
    let y = encoder(try expectedOfMuQ("waveform"), in: pass)
    let gradients = (y * (try expectedOfMuQ("dy"))).sum().gradients()
    let expected = try Self.expected(mode)
    for ((path, parameter), (_, value)) in zip(encoder.parameters, expected.parameters)
    where path != "maskEmbedding" {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      let isShift = path.hasSuffix("key.bias") || mode == "training" && Self.isBeforeBatchNorm(path)
      if isShift {
        // What the softmax or the norm's mean takes away again: 0 but for rounding.
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-3 }, "\(path)")
      } else {
        expectClose(gradient, value, relative: 2e-4)
      }
    }
  }

  private static func isBeforeBatchNorm(_ path: String) -> Bool {
    path.hasPrefix("frontEnd") && path.hasSuffix("bias") && !path.contains("Norm")
  }

  private static func pass(_ mode: String) -> ForwardPass {
    mode == "training"
      ? .training(seed: 1, step: 1, samples: [0, 1], keeping: .batchStatistics) : .evaluating()
  }

  @Test func theRunningAveragesAreMuQs() throws {
    var encoder = try MelEncoder.load(muqFolder)
    let pass = Self.pass("training")
    _ = encoder(try expectedOfMuQ("waveform"), in: pass)
    encoder.updateStatistics(from: pass.batchStatistics)
    let expected = try Self.expected("training")
    for ((path, buffer), (_, value)) in zip(encoder.buffers, expected.buffers) {
      expectClose(buffer, value, relative: 1e-5)
      #expect(path.hasPrefix("input.") || buffer.scalars != Tensor.zeros(buffer.shape).scalars)
    }
  }

  /// All that hidden states depend on comes back; what does not is left to MuQ.
  @Test func aFolderGoesThroughUnchanged() throws {
    let encoder = try MelEncoder.load(muqFolder)
    try withTemporaryFolder { folder in
      try encoder.saveMuQ(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
      let name = "model.safetensors"
      let written = try SafeTensors(contentsOf: folder.appendingPathComponent(name))
      let given = try SafeTensors(contentsOf: muqFolder.appendingPathComponent(name))
      for name in written.names {
        #expect(try written.tensor(name).scalars == given.tensor(name).scalars, "\(name)")
      }
      let unread = Set(given.names).subtracting(written.names).filter { !$0.hasSuffix("tracked") }
      #expect(
        unread.sorted() == [
          "model.cls_token", "model.conformer.embed_positions.inv_freq",
          "model.conformer.pos_conv_embed.conv.bias",
          "model.conformer.pos_conv_embed.conv.parametrizations.weight.original0",
          "model.conformer.pos_conv_embed.conv.parametrizations.weight.original1",
          "model.linear.bias", "model.linear.weight",
          "model.quantizer_melspec_2048.codebook",
          "model.quantizer_melspec_2048.random_projection",
        ])
    }
  }

  /// A file may hold the window and bands that its code computes mel frames with.
  @Test(arguments: ["window", "other window", "bands"])
  func otherMelFramesAreRefused(stored: String) throws {
    let transform = "model.preprocessor_melspec_2048.mel_stft."
    let hann = (0..<2048).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / 2048)) }
    try withTemporaryFolder { folder in
      try MelEncoder.load(muqFolder).saveMuQ(to: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      switch stored {
      case "window": tensors[transform + "spectrogram.window"] = Tensor(hann)
      case "bands": tensors[transform + "mel_scale.fb"] = .ones([1025, 128])
      default: tensors[transform + "spectrogram.window"] = Tensor(hann.map { $0.squareRoot() })
      }
      try SafeTensors.write(tensors, to: url)
      guard stored != "window" else { return _ = try MelEncoder.load(folder) }
      expectError("mel_stft.", "is not that of the configuration's mel frames") {
        _ = try MelEncoder.load(folder)
      }
    }
  }

  /// The residual convolutions that an encoder has whose configuration names no front end, in either form.
  @Test func theFrontEndThatNoneIsNamedForGoesThrough() throws {
    var config = MelEncoder.Config()
    (config.width, config.layers) = (32, 1)
    #expect(config.frontEnd == MelEncoder.FrontEnd())
    let encoder = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pretrained_msd.pt")
      try encoder.saveMuQ(to: folder.appendingPathComponent("muq"))
      try encoder.saveMusicFM(to: file)
      for url in [folder.appendingPathComponent("muq"), file] {
        let again = try MelEncoder.load(url)
        for ((path, a), (_, b)) in zip(encoder.state, again.state) where path != "maskEmbedding" {
          #expect(a.scalars == b.scalars, "\(path) of \(url.lastPathComponent)")
        }
      }
    }
  }

  @Test func ourOwnFolderKeepsEverything() throws {
    var encoder = try MelEncoder.load(muqFolder)
    encoder.maskEmbedding = .normal([12], seed: 7)
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
    }
  }

  @Test func aCheckpointOfMusicFMIsRead() throws {
    var muq = try MelEncoder.load(muqFolder)
    let musicFM = try MelEncoder.load(musicFMFile)
    // A checkpoint has no rates of dropout: those of the published model.
    #expect(musicFM.config.dropout == 0.1)
    #expect(musicFM.parameters.map(\.path) == muq.parameters.map(\.path))
    for ((path, a), (_, b)) in zip(musicFM.state, muq.state) {
      #expect(a.scalars == b.scalars, "\(path)")
    }
    muq.maskEmbedding = musicFM.maskEmbedding
    let states = musicFM.hiddenStates(try expectedOfMuQ("waveform"))
    expectClose(.stacked(states), try expectedOfMuQ("states"), relative: 2e-5)
  }

  @Test func aCheckpointOfMusicFMNeedsItsStatistics() throws {
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("pretrained_msd.pt")
      try FileManager.default.copyItem(at: musicFMFile, to: copy)
      expectError("pretrained_msd.pt: has no statistics", "put msd_stats.json beside it") {
        _ = try MelEncoder.load(copy)
      }
      let statistics = folder.appendingPathComponent("msd_stats.json")
      try Data(#"{"melspec_2048_mean": 1, "melspec_2048_std": 0}"#.utf8).write(to: statistics)
      expectError("msd_stats.json: has no usable 'melspec_2048_mean'") {
        _ = try MelEncoder.load(copy)
      }
    }
  }

  /// What would compute something else is refused, with the key.
  @Test(arguments: [
    ("\"hidden_act\": \"swish\"", "\"hidden_act\": \"gelu\"", "hidden_act: gelu"),
    ("\"rotary\"", "\"relative\"", "position_embeddings_type: relative"),
    ("\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 1e-06", "layer_norm_eps: 1e-06"),
    ("\"label_rate\": 25", "\"label_rate\": 20", "label_rate: 20"),
    ("\"n_mels\": 128", "\"n_mels\": 64", "n_mels: 64"),
    ("\"is_flash\": false", "\"is_flash\": true", "is_flash: true"),
    ("\"layerdrop\": 0", "\"layerdrop\": 0.1", "layerdrop: 0.1"),
    ("\"hidden_dropout\": 0", "\"hidden_dropout\": 0.2", "conformer_conv_dropout: 0.0"),
    ("\"melspec_2048_std\"", "\"melspec_std\"", "stat: has no 'melspec_2048_mean'"),
    (
      "\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "encoder.heads: 5 does not divide"
    ),
    (
      "\"rotary_embedding_base\": 10000", "\"rotary_embedding_base\": 500",
      "'conformer.embed_positions.inv_freq' is not that of 3 heads"
    ),
    ("\"encoder_depth\": 2", "\"encoder_depth\": 3", "conformer.layers.2.ffn1_layer_norm.weight'"),
    ("\"encoder_depth\": 2", "\"encoder_depth\": 1", "no place for 'conformer.layers.1"),
    ("\"conv_dim\": 3", "\"conv_dim\": 300", "is it the weights of another model?"),
    ("\"conv_dim\": 3", "\"conv_dim\": 2", "in the file"),
    ("\"conv_depthwise_kernel_size\": 5", "\"conv_depthwise_kernel_size\": 4", "kernel: 4 taps"),
  ])
  func anotherModelIsRefused(words: String, others: String, problem: String) throws {
    try withMuQFolder(replacing: words, with: others) { folder in
      expectError(problem) { _ = try MelEncoder.load(folder) }
    }
  }

  @Test(arguments: [
    ("convolutionNorm", "batch norm"), ("residualFactor", "0.5"), ("isCausal", "see all others"),
    ("rotary", "by halves"), ("sampleRate", "24000 Hz"), ("input.statistics", "one mean"),
    ("frontEnd.residual.timeStrides", "2 and 2"), ("frontEnd", "residual convolutions alone"),
    ("activation", "SiLU"),
  ])
  func whatMuQHasNotIsNotWrittenAsIt(setting: String, problem: String) throws {
    var config = MelEncoder.Config.tiny
    switch setting {
    case "convolutionNorm": config.convolutionNorm = .layer
    case "residualFactor": config.residualFactor = 1
    case "isCausal": config.isCausal = true
    case "rotary": config.rotary.place = .queriesAndKeys
    case "sampleRate": config.sampleRate = 16_000
    case "input.statistics": config.input.statistics = .perBand
    case "activation": config.activation = .gelu
    case "frontEnd":
      config.frontEnd.residual = nil
      config.frontEnd.patches = FramePatches.Config()
    default: config.frontEnd.residual!.timeStrides = [1, 2]
    }
    let encoder = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      expectError("encoder.\(setting): MuQ has", problem) { try encoder.saveMuQ(to: folder) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      try encoder.save(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
    }
  }

  @Test func aNegativeVarianceIsRefused() throws {
    try withMuQFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      let name = "model.conformer.layers.0.conv_module.batch_norm.running_var"
      tensors[name]!.update { $0[3] = -0.25 }
      try SafeTensors.write(tensors, to: url)
      expectError("model.safetensors: 'conformer.layers.0.convolution.norm.variance' holds -0.25") {
        _ = try MelEncoder.load(folder)
      }
    }
  }

  @Test func aNumberThatIsNotFiniteIsNeitherWrittenNorRead() throws {
    var encoder = try MelEncoder.load(muqFolder)
    encoder.projection!.weight.update { $0[5] = .nan }
    try withTemporaryFolder { folder in
      for save in [encoder.save, encoder.saveMuQ] {
        expectError("projection.weight") { try save(folder) }
      }
    }
  }
}
