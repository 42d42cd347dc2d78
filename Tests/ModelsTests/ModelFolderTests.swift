import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

@Suite struct ModelFolderTests {
  @Test(arguments: [AudioEncoder.Config.tiny, .tinyLarge, .tinyData2Vec])
  func roundTripIsExact(config: AudioEncoder.Config) throws {
    let encoder = try AudioEncoder.random(config)
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("step-1")
      try encoder.save(to: inner)
      let read = try AudioEncoder.load(inner)
      #expect(read.config == config)
      for (a, b) in zip(read.parameters, encoder.parameters) {
        #expect(a.path == b.path && a.tensor.shape == b.tensor.shape)
        #expect(
          a.tensor.scalars.map(\.bitPattern) == b.tensor.scalars.map(\.bitPattern), "\(a.path)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: inner.path).sorted()
      #expect(files == ["config.json", "model.safetensors", "preprocessor_config.json"])
    }
  }

  @Test func writesTheNamesOfTransformers() throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tinyLarge).save(to: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      let names = Set(try SafeTensors(contentsOf: url).names)
      let theirs = try SafeTensors(
        contentsOf: goldenFolder.appendingPathComponent("models/hubert-pre/model.safetensors"))
      // The golden model has one convolution and one layer more.
      let expected = theirs.names.filter {
        !$0.contains("conv_layers.2.") && !$0.contains("encoder.layers.2.")
      }
      #expect(names == Set(expected))
      let kernel = try SafeTensors(contentsOf: url).shape(
        of: "feature_extractor.conv_layers.1.conv.weight")
      #expect(kernel == [5, 6, 3])
    }
  }

  /// A model with a head on top has a prefix; old and folded weight norms have other names.
  @Test(arguments: [true, false])
  func acceptsOtherSpellings(folded: Bool) throws {
    let folder = goldenFolder.appendingPathComponent("models/hubert-post")
    let expected = try AudioEncoder.load(folder)
    var tensors = try SafeTensors(
      contentsOf: folder.appendingPathComponent("model.safetensors")
    ).tensors()
    let stem = "encoder.pos_conv_embed.conv."
    let gain = tensors.removeValue(forKey: stem + "parametrizations.weight.original0")!
    let direction = tensors.removeValue(forKey: stem + "parametrizations.weight.original1")!
    if folded {
      let norms = direction.squared().sum(axis: 0, keepingDims: true)
        .sum(axis: 1, keepingDims: true).squareRoot()
      tensors[stem + "weight"] = direction * (gain / norms)
    } else {
      (tensors[stem + "weight_g"], tensors[stem + "weight_v"]) = (gain, direction)
    }
    let prefixed = Dictionary(uniqueKeysWithValues: tensors.map { ("hubert.\($0)", $1) })
    let read = try load(prefixed, config: folder)
    let waveform = Tensor.normal([1, 400], seed: 1)
    for (a, b) in zip(read.hiddenStates(waveform), expected.hiddenStates(waveform)) {
      expectClose(a, b, relative: 1e-5)
    }
  }

  private func load(_ tensors: [String: Tensor], config: URL) throws -> AudioEncoder {
    try withTemporaryFolder { folder in
      for name in ["config.json", "preprocessor_config.json"] {
        try FileManager.default.copyItem(
          at: config.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
      return try AudioEncoder.load(folder)
    }
  }

  @Test func refusesHeadsAndGaps() throws {
    let folder = goldenFolder.appendingPathComponent("models/data2vec")
    let tensors = try SafeTensors(
      contentsOf: folder.appendingPathComponent("model.safetensors")
    ).tensors()
    expect("no place for 'lm_head.weight'") {
      _ = try load(tensors.merging(["lm_head.weight": .zeros([1])]) { $1 }, config: folder)
    }
    expect("model.safetensors: the model needs 'encoder.layer_norm.bias'") {
      _ = try load(tensors.filter { $0.key != "encoder.layer_norm.bias" }, config: folder)
    }
    let weight = "feature_projection.projection.weight"
    expect("'projection.linear.weight' is float32 [7, 12]") {
      let turned = tensors[weight]!.permuted([1, 0])
      _ = try load(tensors.merging([weight: turned]) { $1 }, config: folder)
    }
  }

  /// Changes to a `config.json` that must not pass in silence.
  @Test(arguments: [
    (#""hidden_act": "gelu""#, #""hidden_act": "relu""#, "hidden_act: relu is not built here"),
    (#""model_type": "hubert""#, #""model_type": "whisper""#, "model_type: whisper"),
    (#""layer_norm_eps": 1e-05"#, #""layer_norm_eps": 1e-12"#, "layer_norm_eps: 1e-12"),
    (
      #""hidden_size": 12"#, #""hidden_size": "wide""#,
      "'hidden_size' is missing or not of its type"
    ),
    (#""hidden_size": 12"#, #""size": 12"#, "'hidden_size' is missing"),
    (
      #""num_attention_heads": 3"#, #""num_attention_heads": 5"#, "encoder.heads: 5 does not divide"
    ),
    (#""conv_pos_batch_norm": false"#, #""conv_pos_batch_norm": true"#, "conv_pos_batch_norm"),
    (
      #""feat_extract_norm": "group""#, #""feat_extract_norm": "batch""#, "feat_extract_norm: batch"
    ),
    ("{", "", "is not a JSON object; get a fresh copy"),
  ])
  func refusesWhatItWouldComputeWrongly(old: String, new: String, problem: String) throws {
    let source = goldenFolder.appendingPathComponent("models/hubert-post")
    let text = try String(
      contentsOf: source.appendingPathComponent("config.json"), encoding: .utf8)
    #expect(text.contains(old))
    try withTemporaryFolder { folder in
      for name in ["model.safetensors", "preprocessor_config.json"] {
        try FileManager.default.copyItem(
          at: source.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      try Data(changed.utf8).write(to: folder.appendingPathComponent("config.json"))
      expect("config.json: \(problem)") { _ = try AudioEncoder.load(folder) }
    }
  }

  @Test func asksForTheSampleRate() throws {
    let source = goldenFolder.appendingPathComponent("models/hubert-post")
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: source.appendingPathComponent("config.json"),
        to: folder.appendingPathComponent("config.json"))
      expect("sampling_rate: unknown") { _ = try ModelFolder.readConfig(folder) }
    }
  }

  @Test func writesOnlyWhatTransformersCanCompute() throws {
    var config = AudioEncoder.Config.tinyData2Vec
    config.frontEnd.norm = .group
    let encoder = try AudioEncoder.random(config)
    try withTemporaryFolder { folder in
      expect("encoder.position.depth: transformers has several") { try encoder.save(to: folder) }
    }
  }

  @Test func namesTheFolderThatIsNone() {
    expect("/config.json: cannot be read") {
      _ = try AudioEncoder.load(goldenFolder.appendingPathComponent("absent"))
    }
  }

  private func expect(_ problem: String, _ body: () throws -> Void) {
    let error = #expect(throws: ModelError.self) { try body() }
    #expect(error?.description.contains(problem) == true, "got \(String(describing: error))")
  }
}
