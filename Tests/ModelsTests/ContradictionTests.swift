import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// What stands in two places of a model's folder is the same in both, or the folder is refused.
@Suite struct ContradictionTests {
  struct Edit: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: String
    let from: String
    let to: String
    let words: [String]
  }

  static let edits = [
    Edit(
      testDescription: "sample rate", file: "preprocessor_config.json",
      from: "\"sampling_rate\" : 24000", to: "\"sampling_rate\" : 16000",
      words: [
        "config.json: etude.sample_rate: 24000", "preprocessor_config.json has sampling_rate 16000",
        "make them equal",
      ]),
    Edit(
      testDescription: "normalisation", file: "preprocessor_config.json",
      from: "\"do_normalize\" : false", to: "\"do_normalize\" : true",
      words: [
        "config.json: etude.normalizes_waveform: false",
        "preprocessor_config.json has do_normalize true",
      ]),
    Edit(
      testDescription: "MERT's own sample rate", file: "config.json",
      from: "\"hidden_size\" : 12", to: "\"hidden_size\" : 12, \"sample_rate\" : 16000",
      words: ["config.json: etude.sample_rate: 24000, but its sample_rate is 16000"]),
    Edit(
      testDescription: "convolutions", file: "config.json",
      from: "\"num_feat_extract_layers\" : 2", to: "\"num_feat_extract_layers\" : 3",
      words: ["config.json: the length of conv_dim: 2, but its num_feat_extract_layers is 3"]),
    Edit(
      testDescription: "a key twice", file: "config.json",
      from: "\"hidden_size\" : 12", to: "\"hidden_size\" : 12, \"hidden_size\" : 24",
      words: ["config.json: has 'hidden_size' twice"]),
    Edit(
      testDescription: "a key in two spellings", file: "config.json",
      from: "\"hidden_size\" : 12", to: "\"hidden_size\" : 12, \"hiddenSize\" : 24",
      words: ["config.json: has 'hiddenSize' twice"]),
    Edit(
      testDescription: "another's norms", file: "config.json",
      from: "\"sample_rate\" : 24000",
      to: "\"sample_rate\" : 24000, \"projection_norm\" : \"around\"",
      words: ["config.json: model_type: hubert does not compute what a mert_model does"]),
  ]

  @Test(arguments: edits)
  func isRefusedWithBothValues(edit: Edit) throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      let url = folder.appendingPathComponent(edit.file)
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(text.contains(edit.from))
      try text.replacing(edit.from, with: edit.to).write(to: url, atomically: true, encoding: .utf8)
      let error = #expect(throws: ModelError.self) { _ = try AudioEncoder.load(folder) }
      for word in edit.words { #expect("\(error!)".contains(word), "\(error!)") }
    }
  }

  /// A model that is not ours says its rate in one place or two.
  @Test func anothersRatesMustAgree() throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      let url = folder.appendingPathComponent("config.json")
      var json = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
      (json["etude"], json["sample_rate"]) = (nil, 16_000)
      try JSONSerialization.data(withJSONObject: json).write(to: url)
      expectError(
        "config.json: sample_rate: 16000, but preprocessor_config.json has sampling_rate 24000"
      ) { _ = try AudioEncoder.load(folder) }
    }
  }

  @Test func headsOfAnotherModelAreRefused() throws {
    try withTemporaryFolder { folder in
      try AudioEncoder.random(.tiny).save(to: folder)
      let url = folder.appendingPathComponent("heads.safetensors")
      try PretrainingHeads([
        "spectrum.projection.weight": .zeros([7, 24]), "spectrum.projection.bias": .zeros([7]),
      ]).write(to: url)
      expectError(
        "heads.safetensors: its head 'spectrum.projection.weight' of shape [7, 24] does not fit the model, "
          + "whose frames have 12 channels"
      ) { _ = try ModelSource(folder).heads() }
      try PretrainingHeads([
        "codes.projection.weight": .zeros([12, 12]), "codes.embeddings.0": .zeros([5, 4]),
        "codes.embeddings.1": .zeros([5, 4]),
      ]).write(to: url)
      expectError("heads.safetensors: its head yields 12 channels for 2 label sets of 4") {
        _ = try ModelSource(folder).heads()
      }
    }
  }
}
