import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Checkpoints under fairseq's names against `transformers`, see Golden/pytorch_files.py.
@Suite struct FairseqTests {
  private static func checkpoint(_ name: String) -> URL {
    goldenFolder.appendingPathComponent("pytorch").appendingPathComponent("fairseq-\(name).pt")
  }

  @Test(arguments: [
    ("hubert", "hubert-post", []),
    ("mert", "hubert-pre", ["encoder_cqt_model.spec_layer.lenghts", "logit_temp_list"]),
    ("data2vec", "data2vec", ["_ema"]),
  ])
  func hiddenStates(checkpoint: String, model: String, leftOut: [String]) throws {
    let source = try ModelSource(Self.checkpoint(checkpoint))
    #expect(source.leftOut == leftOut)
    let folder = goldenFolder.appendingPathComponent("models").appendingPathComponent(model)
    let file = try SafeTensors(contentsOf: folder.appendingPathComponent("golden.safetensors"))
    let states = try source.encoder().hiddenStates(try file.tensor("waveform"))
    let stacked = Tensor.concatenated(
      states.map { $0.reshaped(Shape([1] + $0.shape)) }, axis: 0)
    expectClose(stacked, try file.tensor("hidden_states"), relative: 1e-5)
  }

  @Test func settings() throws {
    let hubert = try ModelSource(Self.checkpoint("hubert")).config
    #expect(hubert.sampleRate == 24_000 && !hubert.normalizesWaveform)
    #expect(hubert.frontEnd.gradientScale == 0.1 && hubert.layerDrop == 0.05)
    let mert = try ModelSource(Self.checkpoint("mert")).config
    #expect(mert.normalizesWaveform && mert.normOrder == .pre && mert.inputDropout == 0)
    let data2vec = try ModelSource(Self.checkpoint("data2vec")).config
    #expect(data2vec.position.kernel == 5 && data2vec.position.depth == 3)
    #expect(data2vec.frontEnd.norm == .layer)
  }

  /// Some objects of a pickle may hold themselves.
  @Test(arguments: ["circle-attributes", "circle-content"])
  func settingsThatHoldThemselvesAreRefused(name: String) {
    expectError("\(name).pt: cfg: lacks 'model' or 'task'") {
      _ = try AudioEncoder.load(Self.checkpoint(name))
    }
  }

  @Test func becomesAFolderWithTheSameNumbers() throws {
    let encoder = try AudioEncoder.load(Self.checkpoint("data2vec"))
    try withTemporaryFolder { folder in
      try encoder.save(to: folder)
      let read = try AudioEncoder.load(folder)
      #expect(read.config == encoder.config)
      for (a, b) in zip(read.parameters, encoder.parameters) {
        #expect(a.tensor.scalars.map(\.bitPattern) == b.tensor.scalars.map(\.bitPattern))
      }
    }
  }

  /// Settings and tensors with another name of the same length, so that the file stays sound.
  @Test(arguments: [
    ("encoder_layers", "encoder_layerz", "model.encoder_layers: is missing"),
    ("sample_rate", "sample_rite", "task.sample_rate: is missing"),
    ("extractor_mode", "extractor_node", "model.extractor_mode: is missing"),
    ("data2vec_audio", "data2vec_video", "model._name: data2vec_video is not built here"),
    ("[(6,10,5)] +", "[(6,10,5)] -", "is not a list like [(512,10,5)]"),
    ("encoder.layers.1.fc2.bias", "encoder.layers.1.fc3.bias", "needs 'encoder.layers.1.feed"),
    ("post_extract_proj.bias", "past_extract_proj.bias", "needs 'feature_projection.proj"),
    ("final_proj.weight", "finel_proj.weight", "no place for 'finel_proj.weight'"),
    ("omegaconf.dictconfig", "omegaconF.dictconfig", "names omegaconF.dictconfig.DictConfig"),
  ])
  func namesWhatIsWrong(old: String, new: String, problem: String) throws {
    var bytes = try Data(contentsOf: Self.checkpoint("data2vec"))
    bytes.replaceSubrange(
      try #require(bytes.range(of: Data(old.utf8))), with: Data(new.utf8))
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("changed.pt")
      try bytes.write(to: url)
      expectError("changed.pt: ", problem) { _ = try AudioEncoder.load(url) }
    }
  }

  @Test func refusesWhatIsNoCheckpointOfFairseq() {
    let url = goldenFolder.appendingPathComponent("pytorch/large.pt")
    expectError("large.pt: holds neither 'cfg' nor 'args'") { _ = try AudioEncoder.load(url) }
  }
}
