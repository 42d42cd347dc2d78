import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Heads of pre-training beside an encoder, see Golden/pytorch_files.py: numbers that count up.
@Suite struct HeadTests {
  private static func checkpoint(_ name: String) -> URL {
    goldenFolder.appendingPathComponent("pytorch/fairseq-\(name).pt")
  }

  private func counting(_ shape: Shape, from start: Int = 0) -> Tensor {
    Tensor((0..<shape.elementCount).map { Float(start + $0) }, shape: shape)
  }

  private func expect(
    _ found: PretrainingHeads, _ expected: [String: Tensor], symbols: Int = 4
  ) {
    let heads = found.tensors
    #expect(found.specialSymbols == symbols)
    #expect(heads.keys.sorted() == expected.keys.sorted())
    for (name, tensor) in expected {
      #expect(heads[name]?.shape == tensor.shape, "\(name)")
      #expect(heads[name]?.scalars == tensor.scalars, "\(name)")
    }
  }

  /// The four symbols of each set stay, and can be left behind.
  @Test func dictionariesTellTheSets() throws {
    let heads = try ModelSource(Self.checkpoint("hubert")).heads()
    var expected = [
      "codes.projection.weight": counting([8, 12]), "codes.projection.bias": counting([8]),
      "codes.embeddings.0": counting([10, 4]), "codes.embeddings.1": counting([7, 4], from: 40),
    ]
    expect(heads, expected)
    expected["codes.embeddings.0"] = counting([6, 4], from: 16)
    expected["codes.embeddings.1"] = counting([3, 4], from: 56)
    expect(heads.withoutSymbols(), expected, symbols: 0)
  }

  /// There is one projection for both.
  @Test func namesOfLabelsTellTheSets() throws {
    expect(
      try ModelSource(Self.checkpoint("mert")).heads(),
      [
        "codes.projection.weight": counting([4, 10]), "codes.projection.bias": counting([4]),
        "codes.embeddings.0": counting([9, 4]), "codes.embeddings.1": counting([9, 4], from: 36),
        "spectrum.projection.weight": counting([6, 10]),
        "spectrum.projection.bias": counting([6]),
      ])
  }

  @Test func data2vecRegresses() throws {
    expect(
      try ModelSource(Self.checkpoint("data2vec")).heads(),
      [
        "regression.projection.weight": counting([12, 12]),
        "regression.projection.bias": counting([12]),
      ], symbols: 0)
  }

  /// Through a folder, in both forms, and through a checkpoint of fairseq.
  @Test(arguments: ["hubert", "mert", "data2vec"])
  func keepTheirBits(name: String) throws {
    let source = try ModelSource(Self.checkpoint(name))
    let (encoder, heads) = (try source.encoder(), try source.heads())
    try withTemporaryFolder { root in
      let (folder, file) = (root.appendingPathComponent("x"), root.appendingPathComponent("x.pt"))
      try ModelFolder.write(encoder, heads: heads, to: folder)
      try encoder.saveFairseq(heads: heads, to: file)
      for url in [folder, file] {
        let read = try ModelSource(url)
        expect(try read.heads(), heads.tensors, symbols: heads.specialSymbols)
        #expect(read.config == encoder.config && read.leftOut.isEmpty)
        for (a, b) in zip(try read.encoder().parameters, encoder.parameters) {
          #expect(a.path == b.path)
          #expect(a.tensor.scalars.map(\.bitPattern) == b.tensor.scalars.map(\.bitPattern))
        }
      }
    }
  }

  /// fairseq has rows for its symbols; a model without them gets zeros, which are no code.
  @Test func fairseqGetsItsSymbols() throws {
    let encoder = try AudioEncoder.load(Self.checkpoint("hubert"))
    let heads = try ModelSource(Self.checkpoint("hubert")).heads().withoutSymbols()
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.pt")
      try encoder.saveFairseq(heads: heads, to: file)
      let read = try ModelSource(file).heads()
      expect(read.withoutSymbols(), heads.tensors, symbols: 0)
      #expect(read.embeddings.map { $0.shape } == [[10, 4], [7, 4]])
      #expect(read.embeddings[1][..<4].scalars.allSatisfy { $0 == 0 })
    }
  }

  /// Rather than that a head is lost without a word.
  @Test func headsThatFairseqHasNoNameForAreRefused() throws {
    let source = try ModelSource(Self.checkpoint("hubert"))
    let encoder = try source.encoder()
    var tensors = try source.heads().tensors
    tensors["mel.projection.weight"] = counting([3, 12])
    let heads = PretrainingHeads(tensors, specialSymbols: 4)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.pt")
      expectError("no name for the head 'mel.projection.weight'", "--without-heads") {
        try encoder.saveFairseq(heads: heads, to: file)
      }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }

  @Test func mertsFormIsThatOfItsAuthors() throws {
    let source = try ModelSource(Self.checkpoint("hubert"))
    try withTemporaryFolder { folder in
      try ModelFolder.write(try source.encoder(), heads: source.heads(), to: folder, as: .mert)
      let data = try Data(contentsOf: folder.appendingPathComponent("config.json"))
      let config = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(config["model_type"] as? String == "mert_model")
      #expect(config["architectures"] as? [String] == ["MERTModel"])
      #expect(
        config["auto_map"] as? [String: String] == [
          "AutoConfig": "configuration_MERT.MERTConfig", "AutoModel": "modeling_MERT.MERTModel",
        ])
      #expect(config["sample_rate"] as? Int == 24_000)
      let read = try ModelSource(folder)
      #expect(read.config == source.config)
      expect(try read.heads(), try source.heads().tensors)
    }
    let data2vec = try AudioEncoder.load(Self.checkpoint("data2vec"))
    try withTemporaryFolder { folder in
      expectError("model_type: mert_model does not compute what a data2vec-audio does") {
        try ModelFolder.write(data2vec, to: folder, as: .mert)
      }
    }
  }

  /// The decoder of several masks reads the encoder's frames, and the map after it what it makes of them.
  @Test func aDecoderStandsBeforeTheMapOfARegression() throws {
    let encoder = try AudioEncoder.load(Self.checkpoint("data2vec"))
    let decoded: [String: Tensor] = [
      "regression.decoder.layers.0.weight": counting([8, 3, 6]),
      "regression.decoder.layers.0.bias": counting([8]),
      "regression.decoder.layers.1.weight": counting([8, 3, 4]),
      "regression.decoder.layers.1.bias": counting([8]),
      "regression.projection.weight": counting([12, 8]),
      "regression.projection.bias": counting([12]),
    ]
    try withTemporaryFolder { root in
      let (folder, file) = (root.appendingPathComponent("x"), root.appendingPathComponent("x.pt"))
      try ModelFolder.write(encoder, heads: PretrainingHeads(decoded), to: folder)
      expect(try ModelSource(folder).heads(), decoded, symbols: 0)
      expectError("fairseq's data2vec has no decoder before its head", "--without-heads") {
        try encoder.saveFairseq(heads: PretrainingHeads(decoded), to: file)
      }
      #expect(!FileManager.default.fileExists(atPath: file.path))

      for (name, shape) in [
        ("regression.decoder.layers.0.weight", [8, 3, 5]),
        ("regression.decoder.layers.0.weight", [8, 3, 3]),
        ("regression.projection.weight", [12, 12]),
      ] as [(String, Shape)] {
        var other = decoded
        other[name] = counting(shape)
        try ModelFolder.write(encoder, heads: PretrainingHeads(other), to: folder)
        expectError("heads.safetensors: its head '\(name)' of shape \(shape) does not fit") {
          _ = try ModelSource(folder).heads()
        }
      }
    }
  }

  /// Names changed to others of the same length, so that the file stays sound.
  @Test(arguments: [
    ("hubert", "final_proj.bias", "final_projs.9.b", "of 'final_proj' it has no weight and bias"),
    (
      "mert", "encoder_cqt_model.fc.bias", "encoder_cqt_model.fc.bios",
      "it has no weight and bias that fit"
    ),
    ("mert", "label_embs_concat", "logit_temp_list.x", "have 'final_proj.bias'"),
    ("data2vec", "final_proj.bias", "final_projs.1.b", "of 'final_proj' it has no weight"),
  ])
  func partsThatAreMissingAreNamed(
    name: String, old: String, new: String, problem: String
  ) throws {
    var bytes = try Data(contentsOf: Self.checkpoint(name))
    #expect(old.utf8.count == new.utf8.count)
    bytes.replaceSubrange(try #require(bytes.range(of: Data(old.utf8))), with: Data(new.utf8))
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("changed.pt")
      try bytes.write(to: url)
      let source = try ModelSource(url)
      _ = try source.encoder()
      expectError("changed.pt: ", problem) { _ = try source.heads() }
    }
  }

  @Test func whatFairseqHasNoPlaceForIsRefused() throws {
    let hubert = try AudioEncoder.load(Self.checkpoint("hubert"))
    let regression = try ModelSource(Self.checkpoint("data2vec")).heads()
    let codes = try ModelSource(Self.checkpoint("hubert")).heads()
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.pt")
      let deep = try AudioEncoder.load(Self.checkpoint("options"))
      expectError("data2vec has neither deepnorm nor stable feature norms") {
        try deep.saveFairseq(heads: regression, to: file)
      }
      #expect(throws: ModelError.self) {
        let both = regression.tensors.merging(codes.tensors) { $1 }
        try hubert.saveFairseq(heads: PretrainingHeads(both), to: file)
      }
      #expect(throws: ModelError.tensors("the heads have 3 special symbols, fairseq has 4")) {
        try hubert.saveFairseq(heads: PretrainingHeads(codes.tensors, specialSymbols: 3), to: file)
      }
      var config = AudioEncoder.Config.tiny
      config.frontEnd.channels = [6, 12]
      #expect(throws: ModelError.self) {
        try AudioEncoder.random(config).saveFairseq(to: file)
      }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }
}
