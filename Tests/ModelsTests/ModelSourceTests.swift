import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Models in the files of other programs, see Golden/pytorch_files.py.
@Suite struct ModelSourceTests {
  static let pytorch = goldenFolder.appendingPathComponent("pytorch")

  static func model(_ name: String) -> URL {
    goldenFolder.appendingPathComponent("models").appendingPathComponent(name)
  }

  private func expectGoldenStates(_ encoder: AudioEncoder, _ name: String) throws {
    let file = try SafeTensors(
      contentsOf: Self.model(name).appendingPathComponent("golden.safetensors"))
    let states = encoder.hiddenStates(try file.tensor("waveform"))
    let stacked = Tensor.concatenated(
      states.map { $0.reshaped(Shape([1] + $0.shape)) }, axis: 0)
    expectClose(stacked, try file.tensor("hidden_states"), relative: 1e-5)
  }

  /// A copy of a golden model's configuration with other weights beside it.
  private func withFolder<Result>(
    like name: String, _ files: [String: URL] = [:],
    config: (String) -> String = { $0 }, _ body: (URL) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let source = Self.model(name)
      let text = try String(
        contentsOf: source.appendingPathComponent("config.json"), encoding: .utf8)
      try Data(config(text).utf8).write(to: folder.appendingPathComponent("config.json"))
      try FileManager.default.copyItem(
        at: source.appendingPathComponent("preprocessor_config.json"),
        to: folder.appendingPathComponent("preprocessor_config.json"))
      for (name, url) in files {
        try FileManager.default.copyItem(at: url, to: folder.appendingPathComponent(name))
      }
      return try body(folder)
    }
  }

  @Test(arguments: [
    ("hubert-post.bin", "hubert-post", []),
    ("hubert-ctc.bin", "hubert-post", ["lm_head.bias", "lm_head.weight"]),
  ])
  func readsPickledWeights(file: String, model: String, leftOut: [String]) throws {
    let url = Self.pytorch.appendingPathComponent(file)
    try withFolder(like: model, ["pytorch_model.bin": url]) { folder in
      let source = try ModelSource(folder)
      #expect(source.leftOut == leftOut)
      try expectGoldenStates(source.encoder(), model)
    }
  }

  /// Weights of 16 bits are rounded by half a unit of their last place.
  @Test(arguments: [
    ("hubert-pre-bf16.bin", "hubert-pre", 0x1p-8 as Float),
    ("data2vec-fp16.bin", "data2vec", 0x1p-11),
  ])
  func readsWeightsOf16Bits(file: String, model: String, rounding: Float) throws {
    let expected = try AudioEncoder.load(Self.model(model))
    let url = Self.pytorch.appendingPathComponent(file)
    try withFolder(like: model, ["pytorch_model.bin": url]) { folder in
      let read = try AudioEncoder.load(folder)
      for (a, b) in zip(read.parameters, expected.parameters) {
        for (a, b) in zip(a.tensor.scalars, b.tensor.scalars) {
          #expect(abs(a - b) <= rounding * abs(b) + 0x1p-24)
        }
      }
    }
  }

  @Test func safetensorsComeFirst() throws {
    let files = [
      "model.safetensors": Self.model("hubert-post").appendingPathComponent("model.safetensors"),
      "pytorch_model.bin": Self.pytorch.appendingPathComponent("large.pt"),
    ]
    try withFolder(like: "hubert-post", files) { folder in
      try expectGoldenStates(AudioEncoder.load(folder), "hubert-post")
      try FileManager.default.removeItem(at: folder.appendingPathComponent("model.safetensors"))
      expectError("pytorch_model.bin", "the configuration needs") {
        _ = try AudioEncoder.load(folder)
      }
      try FileManager.default.removeItem(at: folder.appendingPathComponent("pytorch_model.bin"))
      expectError("has no weights; one of model.safetensors, ") {
        _ = try AudioEncoder.load(folder)
      }
    }
  }

  @Test(arguments: [true, false])
  func readsWeightsInSeveralFiles(pickled: Bool) throws {
    try withFolder(like: "hubert-post") { folder in
      let map = try pickled ? writePickledShard(to: folder) : writeShards(to: folder)
      let name = pickled ? "pytorch_model.bin.index.json" : "model.safetensors.index.json"
      let index = folder.appendingPathComponent(name)
      func write(_ map: [String: String]) throws {
        try JSONEncoder().encode(["weight_map": map]).write(to: index)
      }
      try write(map)
      try expectGoldenStates(AudioEncoder.load(folder), "hubert-post")

      let first = try #require(map.keys.sorted().first)
      try write(map.filter { $0.key != first })
      expectError(name, "does not say that '\(first)' lies in") {
        _ = try AudioEncoder.load(folder)
      }
      try write(map.merging(["more": map[first]!]) { $1 })
      expectError(name, "names 'more', which its files do not hold") {
        _ = try AudioEncoder.load(folder)
      }
      for file in ["../x", "", ".hidden", "/etc/passwd"] {
        try write(map.merging([first: file]) { $1 })
        expectError("'\(file)' is not the name of a file") {
          _ = try AudioEncoder.load(folder)
        }
      }
      try Data(#"{"weight_map": {"a": "b", "\u0061": "c"}}"#.utf8).write(to: index)
      expectError(name, "has 'a' twice") { _ = try AudioEncoder.load(folder) }
      try Data("[]".utf8).write(to: index)
      expectError(name, "is not JSON with a 'weight_map'") {
        _ = try AudioEncoder.load(folder)
      }
    }
  }

  private func writeShards(to folder: URL) throws -> [String: String] {
    let file = try SafeTensors(
      contentsOf: Self.model("hubert-post").appendingPathComponent("model.safetensors"))
    var map: [String: String] = [:]
    for (i, names) in [file.names.prefix(9), file.names.dropFirst(9)].enumerated() {
      let name = "model-0000\(i + 1)-of-00002.safetensors"
      let tensors = try names.map { (name: $0, tensor: try file.tensor($0)) }
      try SafeTensors.write(tensors, to: folder.appendingPathComponent(name))
      for tensor in names { map[tensor] = name }
    }
    return map
  }

  private func writePickledShard(to folder: URL) throws -> [String: String] {
    let (url, name) = (Self.pytorch.appendingPathComponent("hubert-post.bin"), "part-1.bin")
    try FileManager.default.copyItem(at: url, to: folder.appendingPathComponent(name))
    let names = try TorchFile(contentsOf: url).names
    return Dictionary(uniqueKeysWithValues: names.map { ($0, name) })
  }

  /// A model that was never trained with masks is saved without an embedding for them.
  @Test func acceptsAModelWithoutAMaskEmbedding() throws {
    let file = try SafeTensors(
      contentsOf: Self.model("hubert-post").appendingPathComponent("model.safetensors"))
    var tensors = try file.tensors()
    tensors["masked_spec_embed"] = nil
    func load(probability: String) throws -> AudioEncoder {
      try withFolder(
        like: "hubert-post",
        config: {
          $0.replacing("\"mask_time_prob\": 0.05", with: "\"mask_time_prob\": \(probability)")
        }
      ) { folder in
        try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
        return try AudioEncoder.load(folder)
      }
    }
    let encoder = try load(probability: "0.0")
    try expectGoldenStates(encoder, "hubert-post")
    #expect(encoder.maskEmbedding.scalars.allSatisfy { (0..<1).contains($0) })
    #expect(Set(encoder.maskEmbedding.scalars).count == 12)
    expectError("needs 'masked_spec_embed'") { _ = try load(probability: "0.05") }
  }

  @Test func refusesTwoSpellingsOfOneTensor() throws {
    let file = try SafeTensors(
      contentsOf: Self.model("hubert-post").appendingPathComponent("model.safetensors"))
    let stem = "encoder.pos_conv_embed.conv."
    for extra in ["weight_g", "weight"] {
      try withFolder(like: "hubert-post") { folder in
        var tensors = try file.tensors()
        tensors[stem + extra] = tensors[stem + "parametrizations.weight.original1"]
        try SafeTensors.write(tensors, to: folder.appendingPathComponent("model.safetensors"))
        expectError("only one can be meant") { _ = try AudioEncoder.load(folder) }
      }
    }
  }

  /// A configuration of any size is an error before it takes memory.
  @Test(arguments: [
    ("\"hidden_size\": 12", "\"hidden_size\": 12000", "the configuration needs"),
    ("\"hidden_size\": 12", "\"hidden_size\": 1200000000", "encoder.width: 1200000000 is not"),
    ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 999", "the configuration needs"),
    (
      "\"intermediate_size\": 22", "\"intermediate_size\": 9223372036854775807",
      "encoder.feedForwardWidth: 9223372036854775807 is not"
    ),
    (
      "    5,\n    2,\n    2", "    5,\n    9223372036854775807,\n    2", "encoder.frontEnd.strides"
    ),
  ])
  func refusesAConfigurationOfAnySize(old: String, new: String, problem: String) throws {
    let weights = Self.model("hubert-post").appendingPathComponent("model.safetensors")
    try withFolder(
      like: "hubert-post", ["model.safetensors": weights],
      config: {
        #expect($0.contains(old))
        return $0.replacing(old, with: new)
      }
    ) { folder in
      expectError(problem) { _ = try AudioEncoder.load(folder) }
    }
  }
}
