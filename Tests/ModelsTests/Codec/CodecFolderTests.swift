import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Folders of `EncodecModel`, files of the original code, and hostile ones of both.
@Suite struct CodecFolderTests {
  private static let golden = goldenFolder.appendingPathComponent("codecs")

  @Test(arguments: Codec.Config.tiny)
  func roundTripIsExact(config: Codec.Config) throws {
    let codec = Codec.random(config)
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("step-1")
      try codec.save(to: inner)
      #expect(try CodecFolder.readConfig(inner) == config)
      let read = try Codec.load(inner)
      #expect(read.config == config)
      for (a, b) in zip(read.state, codec.state) {
        #expect(a.path == b.path && a.tensor.shape == b.tensor.shape)
        #expect(
          a.tensor.scalars.map(\.bitPattern) == b.tensor.scalars.map(\.bitPattern), "\(a.path)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: inner.path).sorted()
      #expect(files == ["config.json", "model.safetensors", "preprocessor_config.json"])
    }
  }

  @Test(arguments: ["causal", "chunks", "zeros"])
  func writesTheNamesAndShapesOfTransformers(name: String) throws {
    let source = Self.golden.appendingPathComponent(name)
    try withTemporaryFolder { folder in
      try Codec.load(source).save(to: folder)
      let (ours, theirs) = (
        try SafeTensors(contentsOf: folder.appendingPathComponent("model.safetensors")),
        try SafeTensors(contentsOf: source.appendingPathComponent("model.safetensors"))
      )
      #expect(Set(ours.names) == Set(theirs.names))
      for name in theirs.names {
        #expect(ours.shape(of: name) == theirs.shape(of: name), "\(name)")
        #expect(try ours.tensor(name).scalars == theirs.tensor(name).scalars, "\(name)")
      }
    }
  }

  /// As many codebooks as the last bandwidth needs, where the quotient is not a whole number in binary.
  @Test func bandwidthsCountCodebooks() throws {
    for books in [1, 7, 23, 29] {
      for (rate, strides, codes) in [
        (24_000, [2, 4, 5, 8], 1024), (32_000, [4, 4, 5, 8], 2048), (1_000, [7], 2),
      ] {
        var config = Codec.Config.tinyCausal
        (config.sampleRate, config.strides, config.filters) = (rate, strides, 2)
        (config.width, config.quantizer.codes, config.quantizer.codebooks) = (1, codes, books)
        try withTemporaryFolder { folder in
          try Codec.random(config).save(to: folder)
          #expect(try CodecFolder.readConfig(folder).quantizer.codebooks == books)
        }
      }
    }
  }

  @Test(arguments: ["codec.th", "state.pt"])
  func readsTheOriginalLayout(file: String) throws {
    let url = Self.golden.appendingPathComponent("original/\(file)")
    let codec = try CodecFolder.read(original: url, as: .tinyOriginal)
    #expect(codec.quantizer.codebooks[3].isInitialized.scalars == [1])
    var other = Codec.Config.tinyOriginal
    other.lstmLayers = 1
    expectError(file, "the configuration needs") {
      _ = try CodecFolder.read(original: url, as: other)
    }
    expectError(file, "none of the published codecs") { _ = try Codec.load(url) }
  }

  @Test func aModelOfAnotherKindIsRefused() throws {
    let hubert = goldenFolder.appendingPathComponent("models/hubert-post")
    expectError("config.json", "type 'hubert', not to a codec") { _ = try Codec.load(hubert) }
    let codec = Self.golden.appendingPathComponent("causal")
    expectError("config.json", "belongs to a codec") { _ = try AudioEncoder.load(codec) }
    expectError("absent", "cannot be read") {
      _ = try Codec.load(goldenFolder.appendingPathComponent("absent"))
    }
  }

  /// Changes to a `config.json` that must not pass in silence.
  @Test(arguments: [
    (#""pad_mode": "reflect""#, #""pad_mode": "replicate""#, "pad_mode: replicate is not built"),
    (#""norm_type": "weight_norm""#, #""norm_type": "layer_norm""#, "norm_type: layer_norm"),
    (#""codebook_dim": 5"#, #""codebook_dim": 8"#, "codebook_dim: 8 is not built here"),
    (#""codebook_size": 16"#, #""codebook_size": 17"#, "codebook_size: 17 is not a power of 2"),
    (#""codebook_size": 16"#, #""codebook_size": 0"#, "codebook_size: 0 is not between"),
    (#""num_filters": 2"#, #""num_filters": 2000000000"#, "num_filters: 2000000000 is not"),
    (#""num_filters": 2"#, #""num_filters": 64"#, "the configuration needs"),
    (#""num_filters": 2"#, #""num_filters": "two""#, "'num_filters' is missing or not of its type"),
    (#""num_lstm_layers": 2"#, #""num_lstm_layers": 0"#, "num_lstm_layers: 0 is not at least 1"),
    (#""num_lstm_layers": 2"#, #""num_lstm_layers": 9"#, "the configuration needs"),
    (#""num_residual_layers": 1"#, #""num_residual_layers": -1"#, "num_residual_layers: -1"),
    (
      #""kernel_size": 7"#, #""kernel_size": 9223372036854775807"#,
      "kernel_size: 9223372036854775807"
    ),
    (#""trim_right_ratio": 1.0"#, #""trim_right_ratio": -0.5"#, "trim_right_ratio: -0.5"),
    (
      #""normalize": false"#, #""normalize": true"#,
      "chunk_length_s: is needed with normalizesLoudness"
    ),
    (#""audio_channels": 1"#, #""audio_channels": 3"#, "audio_channels: 3 is not between 1 and 2"),
    (#""upsampling_ratios": ["#, #""upsampling_ratios": [0, "#, "upsampling_ratios[4]: 0"),
    (#""target_bandwidths": ["#, #""target_bandwidths": [], "x": ["#, "target_bandwidths: 0"),
    (
      #""sampling_rate": 24000"#, #""sampling_rate": 16000"#,
      "sampling_rate: 24000, but in config.json it is 16000"
    ),
    (#""overlap": null"#, #""overlap": 0.5"#, "overlap: belongs with chunkSeconds"),
    (#""model_type""#, #""sampling_rate": 1, "model_type""#, "has 'sampling_rate' twice"),
    ("{", "", "is not a JSON object; get a fresh copy"),
  ])
  func refusesWhatItWouldComputeWrongly(old: String, new: String, problem: String) throws {
    try withCopy(of: "causal") { folder in
      let url = folder.appendingPathComponent("config.json")
      let text = try String(contentsOf: url, encoding: .utf8)
      if text.contains(old) {
        try Data(text.replacing(old, with: new, maxReplacements: 1).utf8).write(to: url)
      } else {
        // A null that is left out.
        try Data(text.replacing("{", with: "{ \(new),", maxReplacements: 1).utf8).write(to: url)
      }
      expectError(folder.lastPathComponent, problem) { _ = try Codec.load(folder) }
    }
  }

  @Test func refusesOtherTensors() throws {
    let name = "encoder.layers.0.conv.bias"
    try refused("no place for 'encoder.layers.0.conv.weight'") {
      $0["encoder.layers.0.conv.weight"] = .zeros([1])
    }
    try refused("needs '\(name)'") {
      $0[name] = nil
      $0["other"] = .zeros([2])
    }
    try refused("'encoder.input.bias' is float32 [3]") { $0[name] = .zeros([3]) }
    try refused("holds nan at [1]") { $0[name] = Tensor([0, .nan]) }
    try refused("'encoder.input' has a weight that is zero") {
      let direction = "encoder.layers.0.conv.parametrizations.weight.original1"
      $0[direction] = .zeros($0[direction]!.shape)
    }
    try refused("two spellings") {
      $0["encoder.layers.0.conv.weight_g"] = .ones([2, 1, 1])
    }
  }

  /// Some versions of transformers save what a convolution computes from its configuration.
  @Test func leavesOutWhatTheConfigurationSays() throws {
    try withCopy(of: "causal") { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      for name in ["stride", "kernel_size", "padding_total"] {
        tensors["encoder.layers.0.\(name)"] = Tensor(3)
      }
      try SafeTensors.write(tensors, to: url)
      _ = try Codec.load(folder)
    }
  }

  /// What transformers has no model for is written so that it computes the same.
  @Test func anLSTMThatIsLeftOutIsZeros() throws {
    try withTemporaryFolder { folder in
      try Codec.random(.tinyOriginal).save(to: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      let name = "encoder.layers.7.lstm.weight_ih_l0"
      #expect(tensors[name]?.shape == [64, 16])
      tensors[name]!.update { $0[5] = 1 }
      try SafeTensors.write(tensors, to: url)
      expectError("model.safetensors", "'\(name)' is not zero") { _ = try Codec.load(folder) }
      tensors[name] = nil
      try SafeTensors.write(tensors, to: url)
      expectError("model.safetensors", "needs '\(name)'") { _ = try Codec.load(folder) }
    }
  }

  @Test func refusesATruncatedFile() throws {
    try withCopy(of: "zeros") { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      let bytes = try Data(contentsOf: url)
      for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
        try bytes.prefix(count).write(to: url)
        expectError("model.safetensors") { _ = try Codec.load(folder) }
      }
      try FileManager.default.removeItem(at: url)
      expectError("has no weights; one of model.safetensors, ") { _ = try Codec.load(folder) }
    }
  }

  @Test func writesNoNumberThatIsNotFinite() throws {
    var codec = Codec.random(.tinyCausal)
    codec.quantizer.codebooks[1].vectors.update { $0[3] = .infinity }
    try withTemporaryFolder { folder in
      expectError("quantizer.codebooks.1.vectors", "inf at [0, 3]") { try codec.save(to: folder) }
    }
  }

  // MARK: helpers

  private func withCopy(of name: String, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for file in ["config.json", "model.safetensors", "preprocessor_config.json"] {
        try FileManager.default.copyItem(
          at: Self.golden.appendingPathComponent(name).appendingPathComponent(file),
          to: folder.appendingPathComponent(file))
      }
      try body(folder)
    }
  }

  private func refused(_ problem: String, _ change: (inout [String: Tensor]) -> Void) throws {
    try withCopy(of: "causal") { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      var tensors = try SafeTensors(contentsOf: url).tensors()
      change(&tensors)
      try SafeTensors.write(tensors, to: url)
      expectError("model.safetensors: ", problem) { _ = try Codec.load(folder) }
    }
  }
}
