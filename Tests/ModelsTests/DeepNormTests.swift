import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// MERT's options that `transformers` has not, against their formulas, see Golden/models_deep.py.
@Suite struct DeepNormTests {
  private static let folder = goldenFolder.appendingPathComponent("models/mert-deep")
  private static let options = goldenFolder.appendingPathComponent("pytorch/fairseq-options.pt")

  private func expected(_ name: String) throws -> Tensor {
    try SafeTensors(contentsOf: Self.folder.appendingPathComponent("golden.safetensors"))
      .tensor(name)
  }

  @Test func hiddenStatesOfAFolder() throws {
    let encoder = try AudioEncoder.load(Self.folder)
    #expect(encoder.config.normOrder == .deep && encoder.config.projectionNorm == .before)
    let states = encoder.hiddenStates(try expected("waveform"))
    expectClose(.stacked(states), try expected("hidden_states"), relative: 1e-5)
  }

  @Test func hiddenStatesOfAFairseqCheckpoint() throws {
    let encoder = try AudioEncoder.load(Self.options)
    #expect(encoder.config.normOrder == .deep && encoder.config.projectionNorm == .around)
    #expect(encoder.parameterCount == encoder.config.parameterCount)
    let states = encoder.hiddenStates(try expected("waveform"))
    expectClose(.stacked(states), try expected("stable.hidden_states"), relative: 1e-5)
  }

  /// The residual stream is scaled in bfloat16, too.
  @Test func bfloat16StaysNear() throws {
    let encoder = try AudioEncoder.load(Self.options)
    let states = encoder.hiddenStates(try expected("waveform"), precision: .bf16)
    #expect(relativeRMS(.stacked(states), try expected("stable.hidden_states")) < 0.02)
  }

  @Test func bothFormsKeepTheOptions() throws {
    let encoder = try AudioEncoder.load(Self.options)
    try withTemporaryFolder { root in
      let (folder, file) = (root.appendingPathComponent("x"), root.appendingPathComponent("x.pt"))
      try encoder.save(to: folder)
      try encoder.saveFairseq(to: file)
      for url in [folder, file] {
        let read = try AudioEncoder.load(url)
        #expect(read.config == encoder.config)
        for (a, b) in zip(read.parameters, encoder.parameters) {
          #expect(a.path == b.path && a.tensor.scalars == b.tensor.scalars)
        }
      }
    }
  }

  /// Of what enters the residual stream, the standard deviation is 0.02 / (8 layers)^¼; queries and
  /// keys keep 0.02.
  @Test func blocksStartSmall() throws {
    var config = AudioEncoder.Config.tiny
    (config.width, config.heads, config.feedForwardWidth) = (96, 4, 96)
    config.normOrder = .deep
    let encoder = try AudioEncoder.random(config)
    for (path, tensor) in encoder.parameters
    where path.hasPrefix("transformer.layers.") && path.hasSuffix("weight") && tensor.rank == 2 {
      let deviation = tensor.squared().mean().scalar.squareRoot()
      let isPlain = path.contains("query") || path.contains("key")
      #expect(abs(deviation - (isPlain ? 0.02 : 0.01)) < 0.0006, "\(path): \(deviation)")
    }
  }

  @Test func deepNormIsPostNorm() throws {
    let source = Self.folder.appendingPathComponent("config.json")
    let text = try String(contentsOf: source, encoding: .utf8)
    try withTemporaryFolder { folder in
      let pre = text.replacing(
        "\"do_stable_layer_norm\": false", with: "\"do_stable_layer_norm\": true")
      #expect(pre != text)
      try Data(pre.utf8).write(to: folder.appendingPathComponent("config.json"))
      expectError("config.json: deepnorm: true is not built here") {
        _ = try AudioEncoder.load(folder)
      }
    }
  }
}
