import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// Folders of OMAR-RQ against the authors' code, see Golden/omar.py.
@Suite struct OMARTests {
  private static let kinds = ["mel", "waveform"]

  private static func folder(_ kind: String) -> URL {
    publishedFolder.appendingPathComponent("omar-rq/\(kind)")
  }

  private static func expected(_ kind: String, _ name: String) throws -> Tensor {
    try SafeTensors(contentsOf: folder(kind).appendingPathComponent("golden.safetensors"))
      .tensor(name)
  }

  @Test(arguments: kinds)
  func theInputIsTheirs(kind: String) throws {
    let encoder = try MelEncoder.load(Self.folder(kind))
    let features = encoder.features(try Self.expected(kind, "waveform"))
    expectClose(features, try Self.expected(kind, "features"), relative: 1e-5)
  }

  @Test(arguments: kinds)
  func theHiddenStatesAreTheirs(kind: String) throws {
    let encoder = try MelEncoder.load(Self.folder(kind))
    let states = encoder.hiddenStates(try Self.expected(kind, "waveform"))
    #expect(states.count == 3)
    expectClose(.stacked(Array(states[1...])), try Self.expected(kind, "states"), relative: 2e-5)
  }

  @Test(arguments: kinds)
  func bfloat16StaysNear(kind: String) throws {
    let encoder = try MelEncoder.load(Self.folder(kind))
    let states = encoder.hiddenStates(try Self.expected(kind, "waveform"), precision: .bf16)
    #expect(relativeRMS(.stacked(Array(states[1...])), try Self.expected(kind, "states")) < 0.03)
  }

  /// An encoder whose every parameter is the expected gradient of that parameter.
  private static func expectedGradients(_ kind: String) throws -> MelEncoder {
    let file = try SafeTensors(
      contentsOf: folder(kind).appendingPathComponent("golden.safetensors"))
    let tensors = try file.names.filter { $0.hasPrefix("gradient.") }.map {
      (key: String($0.dropFirst("gradient.".count)), value: TorchValue.tensor(try file.tensor($0)))
    }
    return try withTemporaryFolder { copy in
      try FileManager.default.copyItem(
        at: folder(kind).appendingPathComponent("config.gin"),
        to: copy.appendingPathComponent("config.gin"))
      try TorchFile.write(.dictionary(tensors), to: copy.appendingPathComponent("model.ckpt"))
      return try MelEncoder.load(copy)
    }
  }

  @Test(arguments: kinds)
  func everyGradientIsTheirs(kind: String) throws {
    var encoder = try MelEncoder.load(Self.folder(kind))
    encoder.trackGradients { $0.path != "maskEmbedding" }
    let y = encoder(try Self.expected(kind, "waveform"), in: .evaluating())
    let gradients = (y * (try Self.expected(kind, "dy"))).sum().gradients()
    let expected = try Self.expectedGradients(kind)
    for ((path, parameter), (_, value)) in zip(encoder.parameters, expected.parameters)
    where path != "maskEmbedding" {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      expectClose(gradient, value, relative: 2e-4)
    }
  }

  /// A frame depends on earlier ones through attention, on later ones only as far as the convolutions reach.
  @Test func attentionIsCausalAndTheConvolutionIsNot() throws {
    let encoder = try MelEncoder.load(Self.folder("waveform"))
    let frames = Tensor.normal([1, 60, 12], seed: 1)
    var others = frames
    others.update { $0[40 * 12] += 3 }
    func first(_ x: Tensor) -> Tensor {
      let pass = ForwardPass.evaluating(keeping: .hiddenStates, endingAt: 1)
      return encoder.contextualise(x, masked: nil, in: pass)[0]
    }
    let (a, b) = (first(frames), first(others))
    #expect(a[..<25, 0...].scalars == b[..<25, 0...].scalars)
    #expect(a[25, 0...].scalars != b[25, 0...].scalars)
  }

  @Test(arguments: kinds)
  func aFolderGoesThroughUnchanged(kind: String) throws {
    let encoder = try MelEncoder.load(Self.folder(kind))
    try withTemporaryFolder { folder in
      try encoder.saveOMARRQ(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
      let written = try TorchFile(contentsOf: folder.appendingPathComponent("model.ckpt"))
      let given = try TorchFile(
        contentsOf: Self.folder(kind).appendingPathComponent("model.ckpt"))
      let names = given.root.keys.filter { !$0.hasSuffix("num_batches_tracked") }
      #expect(Set(written.root.keys) == Set(names))
      for name in names {
        let (a, b) = (written.root[name]!.tensor!, given.root[name]!.tensor!)
        #expect(a.shape == b.shape, "\(name)")
        let (x, y) = (try written.read(a, named: name), try given.read(b, named: name))
        if name.hasSuffix("freqs") {
          expectClose(x, y, relative: 1e-6)
        } else {
          #expect(x.scalars == y.scalars, "\(name)")
        }
      }
    }
  }

  /// 580,633,600 with patches of mel frames, 581,223,424 with those of the waveform.
  @Test func thePublishedModelsHaveTheirParameters() throws {
    for (kind, layer, total) in [
      ("mel", 24_176_640, 580_633_600), ("waveform", 24_176_640, 581_223_424),
    ] {
      var config = try MelEncoder.load(Self.folder(kind)).config
      (config.width, config.layers, config.heads) = (1024, 24, 8)
      config.feedForwardWidth = 4096
      if kind == "waveform" { config.input.hopLength = 960 }
      #expect(config.parameterCounts.layer == layer)
      #expect(config.parameterCount - config.width == total)
    }
  }

  private static func withFolder(
    _ kind: String = "mel", replacing words: String, with others: String,
    _ body: (URL) throws -> Void
  ) throws {
    try withTemporaryFolder { copy in
      let text = try String(
        contentsOf: folder(kind).appendingPathComponent("config.gin"), encoding: .utf8)
      let changed = text.replacing(words, with: others)
      #expect(changed != text, "'\(words)' is not in config.gin")
      try Data(changed.utf8).write(to: copy.appendingPathComponent("config.gin"))
      try FileManager.default.copyItem(
        at: folder(kind).appendingPathComponent("model.ckpt"),
        to: copy.appendingPathComponent("model.ckpt"))
      try body(copy)
    }
  }

  /// What would compute something else is refused, with the name.
  @Test(arguments: [
    ("mel", "net = @nets.conformer.Conformer", "net = @Transformer", "build_module.net: @Trans"),
    ("mel", "use_rope = True", "use_rope = False", "Conformer.use_rope: False is not built"),
    ("mel", "use_deepnorm = True", "use_deepnorm = False", "Conformer.use_deepnorm: False"),
    ("mel", "power = 2", "power = 1", "MelSpectrogram.power: 1 is not built here, only 2"),
    ("mel", "n_mel = 96", "n_mel = 64", "MelSpectrogram.n_mel: 64 is not built here, only 96"),
    ("mel", "win_len = 512", "win_len = 511", "MelSpectrogram.win_len: 511 is not built here"),
    ("mel", "(96, 4)", "(96, 8)", "MelSpectrogram.patch_size: (96, 8) is not built"),
    (
      "mel", "mel_scale = \"slaney\"", "mel_scale = \"other\"",
      "MelSpectrogram.mel_scale: \"other\""
    ),
    ("mel", "norm_std = 1.2", "norm_std = -1.2", "MelSpectrogram.norm_std: mean"),
    ("mel", "@nets.melspectrogram.MelSpectrogram\n", "@nets.cqt.CQT\n", "representation: @CQT"),
    ("mel", "nets.conformer.Conformer.depth = 2\n", "", "Conformer.depth: is missing"),
    ("mel", "Conformer.depth = 2\n", "Conformer.depth = 1\n", "no place for 'net.layers.1"),
    (
      "mel", "Conformer.depth = 2\n", "Conformer.depth = %d\n", "Conformer.depth: %d cannot be read"
    ),
    ("mel", "Conformer.depth = 2\n", "Conformer.depth = 2.5\n", "Conformer.depth: is not a count"),
    ("mel", "num_heads = 3", "num_heads = 2", "rotary_emb.freqs' is not that of 2 heads"),
    ("mel", "mlp_ratio = 2.0", "mlp_ratio = 3.0", "is it the weights of another model?"),
    ("mel", "dropout = 0.2", "dropout = 1.2", "encoder.dropout: 1.2"),
    ("mel", "new_freq = 16000", "include 'other.gin'", "'include 'other.gin'' is no binding"),
    ("waveform", "(1, 48)", "(2, 24)", "Waveform.patch_size: (2, 24) is not built"),
    ("waveform", "(1, 48)", "(1, 40)", "in the file"),
    (
      "waveform", "input_representation = @nets.waveform.Waveform",
      "input_representation = @nets.encodec.EnCodec", "input_representation: @EnCodec"
    ),
  ])
  func anotherModelIsRefused(
    kind: String, words: String, others: String, problem: String
  ) throws {
    try Self.withFolder(kind, replacing: words, with: others) { folder in
      expectError(problem) { _ = try MelEncoder.load(folder) }
    }
  }

  /// An import, a value over two lines, statistics that are left out and a scope, as gin takes them.
  @Test func ginIsReadAsItIsWritten() throws {
    for (words, others) in [
      ("nets.waveform.Waveform.sr = %new_freq", "import a.b\nWaveform.sr = \\\n  24_000"),
      ("norm_std = 0.1908563740990311", "norm_std = None"),
      ("nets.conformer.Conformer.depth", "scope/omar_rq.nets.conformer.Conformer.depth"),
    ] {
      try Self.withFolder("waveform", replacing: words, with: others) { folder in
        let encoder = try MelEncoder.load(folder)
        #expect(encoder.config == (try MelEncoder.load(Self.folder("waveform")).config))
        if others.hasSuffix("None") {
          #expect(encoder.input.mean.scalars == [0] && encoder.input.deviation.scalars == [1])
        }
      }
    }
  }

  @Test func whatItHasNotIsNotWrittenAsIt() throws {
    let muQ = try MelEncoder.load(muqFolder)
    let omar = try MelEncoder.load(Self.folder("mel"))
    var config = omar.config
    config.isCausal = false
    let other = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      expectError("encoder.frontEnd: OMAR-RQ has patches") { try muQ.saveOMARRQ(to: folder) }
      expectError("encoder: OMAR-RQ has GELU") { try other.saveOMARRQ(to: folder) }
      expectError("encoder.sampleRate: MuQ has 24000 Hz") { try omar.saveMuQ(to: folder) }
      expectError("encoder.frontEnd: MERT-v2 has ConvNeXt") { try omar.saveMERT2(to: folder) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      for encoder in [omar, other] {
        try encoder.save(to: folder)
        expectSame(try MelEncoder.load(folder), encoder)
      }
    }
  }

  /// 44 · (60 / 44) is less than 60 in Double, and `omar_rq` truncates it.
  @Test func theRatioOfAnyWidthGivesItBack() throws {
    var config = try MelEncoder.load(Self.folder("mel")).config
    (config.width, config.heads, config.feedForwardWidth) = (44, 2, 60)
    let encoder = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      try encoder.saveOMARRQ(to: folder)
      expectSame(try MelEncoder.load(folder), encoder, but: ["maskEmbedding"])
      let file = folder.appendingPathComponent("config.gin")
      let text = try String(contentsOf: file, encoding: .utf8)
      let line = try #require(text.split(separator: "\n").first { $0.contains("mlp_ratio") })
      let ratio = try #require(Double(line.split(separator: " ").last ?? ""))
      #expect(Int(44 * ratio) == 60)

      // As earlier versions wrote it.
      try Data(text.replacing("= \(ratio)", with: "= \(60.0 / 44)").utf8).write(to: file)
      expectSame(try MelEncoder.load(folder), encoder, but: ["maskEmbedding"])
    }
  }

  /// Whatever the forms of the two, nothing of a model stays where another is saved.
  @Test func aModelTakesTheWholePlaceOfAnother() throws {
    let (omar, muQ) = (try MelEncoder.load(Self.folder("mel")), try MelEncoder.load(muqFolder))
    let heads = PretrainingHeads(["mel.projection.weight": .zeros([3, 12])])
    let saves: [((URL) throws -> Void, MelEncoder, [String])] = [
      (omar.saveOMARRQ, omar, ["config.gin", "model.ckpt", "notes.txt"]),
      (muQ.save, muQ, ["config.json", "model.safetensors", "notes.txt"]),
      (omar.saveOMARRQ, omar, ["config.gin", "model.ckpt", "notes.txt"]),
      (muQ.saveMuQ, muQ, ["config.json", "model.safetensors", "notes.txt"]),
    ]
    try withTemporaryFolder { folder in
      try Data("mine".utf8).write(to: folder.appendingPathComponent("notes.txt"))
      for (save, encoder, names) in saves {
        try heads.write(to: folder.appendingPathComponent("heads.safetensors"))
        try save(folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == names)
        expectSame(try MelEncoder.load(folder), encoder)
      }
    }
  }

  @Test func itIsKnownAmongEncoders() throws {
    #expect(try Encoders.load(Self.folder("mel")) is MelEncoder)
  }
}
