import Files
import Foundation
import MelModels
import Models
import Tensor
import TestSupport
import Testing

/// Folders of MERT-v2 against its formulas, see Golden/mert2.py.
@Suite struct MERT2Tests {
  private func expected(_ name: String) throws -> Tensor {
    try SafeTensors(contentsOf: mert2Folder.appendingPathComponent("golden.safetensors"))
      .tensor(name)
  }

  @Test func theHiddenStatesAreItsFormulas() throws {
    let encoder = try MelEncoder.load(mert2Folder)
    let states = encoder.hiddenStates(try expected("waveform"))
    expectClose(.stacked(states), try expected("states"), relative: 2e-5)
  }

  @Test func bfloat16StaysNear() throws {
    let encoder = try MelEncoder.load(mert2Folder)
    let states = encoder.hiddenStates(try expected("waveform"), precision: .bf16)
    #expect(relativeRMS(.stacked(states), try expected("states")) < 0.03)
  }

  /// An encoder whose every parameter is the expected gradient of that parameter.
  private func expectedGradients() throws -> MelEncoder {
    let file = try SafeTensors(
      contentsOf: mert2Folder.appendingPathComponent("golden.safetensors"))
    let tensors = try file.names.filter { $0.hasPrefix("gradient.") }.map {
      (name: String($0.dropFirst("gradient.".count)), tensor: try file.tensor($0))
    }
    return try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: mert2Folder.appendingPathComponent("config.json"),
        to: folder.appendingPathComponent("config.json"))
      try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
      return try MelEncoder.load(folder)
    }
  }

  @Test func everyGradientIsItsFormulas() throws {
    var encoder = try MelEncoder.load(mert2Folder)
    encoder.trackGradients { $0.path != "maskEmbedding" }
    let y = encoder(try expected("waveform"), in: .evaluating())
    let gradients = (y * (try expected("dy"))).sum().gradients()
    let expected = try expectedGradients()
    for ((path, parameter), (_, value)) in zip(encoder.parameters, expected.parameters)
    where path != "maskEmbedding" {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      if path.hasSuffix("key.bias") {
        // Turned keys differ by time, so that their bias has a gradient, unlike in other models.
        #expect(gradient.squared().sum().scalar > 0, "\(path)")
      }
      expectClose(gradient, value, relative: 2e-4)
    }
  }

  @Test func aFolderGoesThroughUnchanged() throws {
    let encoder = try MelEncoder.load(mert2Folder)
    try withTemporaryFolder { folder in
      try encoder.saveMERT2(to: folder)
      expectSame(try MelEncoder.load(folder), encoder)
      let name = "model.safetensors"
      let written = try SafeTensors(contentsOf: folder.appendingPathComponent(name))
      let given = try SafeTensors(contentsOf: mert2Folder.appendingPathComponent(name))
      #expect(written.names.sorted() == given.names.sorted())
      for name in written.names {
        let (a, b) = (try written.tensor(name), try given.tensor(name))
        #expect(a.shape == b.shape, "\(name)")
        expectClose(a, b, relative: 1e-5)
      }
    }
  }

  /// What `AutoModel` and `AutoFeatureExtractor` go by.
  @Test func aFolderNamesItsClasses() throws {
    func document(_ url: URL) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    }
    let encoder = try MelEncoder.load(mert2Folder)
    try withTemporaryFolder { folder in
      try encoder.saveMERT2(to: folder)
      let config = try document(folder.appendingPathComponent("config.json"))
      #expect(config["model_type"] as? String == "mert2")
      #expect(
        config["auto_map"] as? [String: String] == [
          "AutoConfig": "configuration_mert2.MERT2Config", "AutoModel": "modeling_mert2.MERT2Model",
        ])
      let preparation = try document(folder.appendingPathComponent("preprocessor_config.json"))
      #expect(preparation["do_normalize"] as? Bool == false)
      #expect(preparation["sampling_rate"] as? Int == 24_000)
      // Another model in its place leaves none of it behind.
      try encoder.save(to: folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["config.json", "model.safetensors"])
    }
  }

  /// What its code divides by is 1e-5 at least.
  @Test func aDeviationIsNotBelowItsLeast() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      tensors["feature_extractor.mel_std"]!.update { $0[3] = 0 }
      try SafeTensors.write(tensors, to: url)
      #expect(try MelEncoder.load(folder).input.deviation.scalars[3] == 1e-5)
    }
  }

  private func withFolder(
    replacing words: String = "", with others: String = "", _ body: (URL) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let text = try String(
        contentsOf: mert2Folder.appendingPathComponent("config.json"), encoding: .utf8)
      let changed = words.isEmpty ? text : text.replacing(words, with: others)
      #expect(words.isEmpty || changed != text, "'\(words)' is not in config.json")
      try Data(changed.utf8).write(to: folder.appendingPathComponent("config.json"))
      try FileManager.default.copyItem(
        at: mert2Folder.appendingPathComponent("model.safetensors"),
        to: folder.appendingPathComponent("model.safetensors"))
      try body(folder)
    }
  }

  @Test(arguments: [
    ("\"win_length\": 512", "\"win_length\": 400", "win_length: 400"),
    ("\"num_mel_bins\": 8", "\"num_mel_bins\": 10", "as many at first as num_mel_bins"),
    ("\"hidden_size\": 12", "\"hidden_size\": 24", "as many at last as hidden_size"),
    ("\"n_fft\": 512", "\"n_fft\": 1024", "win_length: 512"),
    ("\"sampling_rate\": 24000", "\"sampling_rate\": 16000", "mel_scale.fb' is not that"),
    (
      "\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "encoder.heads: 5 does not divide"
    ),
    ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "no place for 'layers.1"),
    ("\"rotary_embedding_base\": 10000.0,", "", "'rotary_embedding_base' is missing"),
  ])
  func anotherModelIsRefused(words: String, others: String, problem: String) throws {
    try withFolder(replacing: words, with: others) { folder in
      expectError(problem) { _ = try MelEncoder.load(folder) }
    }
  }

  /// A number that another setting decides may be written out all the same.
  @Test func whatIsWrittenOutIsNoOtherModel() throws {
    var config = try MelEncoder.load(mert2Folder).config
    (config.innerNormEpsilon, config.convolutionIsCausal) = (config.normEpsilon, false)
    config.rotary.channels = config.width / config.heads
    let encoder = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      try encoder.saveMERT2(to: folder)
      #expect(try MelEncoder.load(folder).config.writtenOut == config.writtenOut)
      config.innerNormEpsilon = 1e-3
      let other = try MelEncoder.random(config)
      expectError("encoder: MERT-v2 has") { try other.saveMERT2(to: folder) }
    }
  }

  @Test func whatItHasNotIsNotWrittenAsIt() throws {
    let muQ = try MelEncoder.load(muqFolder)
    let mert2 = try MelEncoder.load(mert2Folder)
    var config = mert2.config
    config.finalNorm = true
    let other = try MelEncoder.random(config)
    try withTemporaryFolder { folder in
      expectError("encoder.frontEnd: MERT-v2 has ConvNeXt layers") { try muQ.saveMERT2(to: folder) }
      expectError("encoder: MERT-v2 has GELU") { try other.saveMERT2(to: folder) }
      expectError("encoder.input: MuQ has 128 mel bands") {
        try mert2.saveMuQ(to: folder)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.isEmpty)
    }
  }

  @Test func theResponseNormIsItsFormula() throws {
    var norm = GlobalResponseNorm(channels: 7)
    (norm.weight, norm.bias) = (try expected("response.weight"), try expected("response.bias"))
    let x = try expected("response.x")
    expectClose(norm(x), try expected("response.y"), relative: 1e-6)
    #expect(GlobalResponseNorm(channels: 7)(x).scalars == x.scalars)
  }

  /// Silence has no direction, and no gradient that is not finite.
  @Test func theResponseNormBearsSilence() throws {
    var norm = GlobalResponseNorm(channels: 3)
    norm.weight = .ones([3])
    norm.trackGradients()
    let x = Tensor.zeros([1, 4, 3]).tracked()
    let gradients = norm(x).sum().gradients()
    for leaf in [x, norm.weight, norm.bias] {
      #expect(try #require(gradients[leaf]).scalars.allSatisfy { $0.isFinite })
    }
  }

  /// `Encoders` opens every kind by what its folder or file is.
  @Test func everyKindIsOpened() throws {
    for url in [muqFolder, mert2Folder, musicFMFile] {
      #expect(try Encoders.load(url) is MelEncoder)
    }
    let hubert = goldenFolder.appendingPathComponent("models/hubert-post")
    let fairseq = goldenFolder.appendingPathComponent("pytorch/fairseq-options.pt")
    for url in [hubert, fairseq] { #expect(try Encoders.load(url) is AudioEncoder) }
    try withTemporaryFolder { folder in
      try MelEncoder.random(.tiny).save(to: folder)
      #expect(try Encoders.load(folder) is MelEncoder)
    }
  }
}
