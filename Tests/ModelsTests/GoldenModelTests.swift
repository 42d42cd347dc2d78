import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Tiny encoders of each family against `transformers`, see Golden/models.py.
@Suite struct GoldenModelTests {
  static let names = ["hubert-post", "hubert-pre", "data2vec"]

  private struct Golden {
    let folder: URL
    let encoder: AudioEncoder
    let file: SafeTensors

    init(_ name: String) throws {
      folder = goldenFolder.appendingPathComponent("models").appendingPathComponent(name)
      encoder = try AudioEncoder.load(folder)
      file = try SafeTensors(contentsOf: folder.appendingPathComponent("golden.safetensors"))
    }

    func stack(_ name: String) throws -> [Tensor] {
      let all = try file.tensor(name)
      return (0..<all.shape[0]).map {
        all.sliced(axis: 0, $0..<$0 + 1).reshaped(all.shape.removing(axis: 0))
      }
    }

    /// An encoder whose every parameter is the expected gradient of that parameter.
    func expectedGradients() throws -> AudioEncoder {
      let prefix = "gradient."
      let gradients = try file.names.filter { $0.hasPrefix(prefix) }.map {
        (name: String($0.dropFirst(prefix.count)), tensor: try file.tensor($0))
      }
      return try withTemporaryFolder { copy in
        for name in ["config.json", "preprocessor_config.json"] {
          try FileManager.default.copyItem(
            at: folder.appendingPathComponent(name), to: copy.appendingPathComponent(name))
        }
        try SafeTensors.write(gradients, to: copy.appendingPathComponent("model.safetensors"))
        return try AudioEncoder.load(copy)
      }
    }
  }

  @Test(arguments: names)
  func hiddenStates(name: String) throws {
    let golden = try Golden(name)
    let waveform = try golden.file.tensor("waveform")
    let expected = try golden.stack("hidden_states")
    let states = golden.encoder.hiddenStates(waveform)
    #expect(states.count == expected.count)
    for (state, expected) in zip(states, expected) {
      expectClose(state, expected, relative: 1e-5)
    }
    let last = golden.encoder(waveform, in: .evaluating())
    expectClose(last, try golden.file.tensor("last_hidden_state"), relative: 1e-5)
  }

  @Test(arguments: names)
  func hiddenStatesOfPaddedRows(name: String) throws {
    let golden = try Golden(name)
    let lengths = try golden.file.tensor("padded.lengths").integers.map(Int.init)
    let states = golden.encoder.hiddenStates(
      try golden.file.tensor("waveform"), lengths: lengths)
    for (state, expected) in zip(states, try golden.stack("padded.hidden_states")) {
      for (row, length) in lengths.enumerated() {
        expectClose(state.row(row, length), expected.row(row, length), relative: 1e-5)
      }
    }
  }

  @Test(arguments: names)
  func everyGradientThroughMaskedFrames(name: String) throws {
    let golden = try Golden(name)
    var encoder = golden.encoder
    encoder.trackGradients()
    let pass = ForwardPass.evaluating()
    let frames = encoder.project(
      encoder.features(try golden.file.tensor("waveform")), in: pass)
    let context = encoder.contextualise(
      frames, masked: try golden.file.tensor("masked.mask").trueColumns, in: pass)
    let loss = (context * (try golden.file.tensor("masked.weight"))).sum()
    expectClose(loss, try golden.file.tensor("masked.loss"), relative: 1e-4)

    let gradients = loss.gradients()
    let expected = try golden.expectedGradients()
    for ((path, parameter), expected) in zip(encoder.parameters, expected.parameters) {
      let gradient = try #require(gradients[parameter], "no gradient of \(path)")
      if path.hasSuffix("key.bias") {
        // A constant added to every key leaves the softmax as it is: 0 but for rounding.
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-4 }, "\(path)")
      } else {
        expectClose(gradient, expected.tensor, relative: 1e-4)
      }
    }
  }
}

extension Tensor {
  /// The valid frames of one row of `[B, T, D]`.
  fileprivate func row(_ row: Int, _ length: Int) -> Tensor {
    sliced(axis: 0, row..<row + 1).sliced(axis: 1, 0..<length)
  }

  /// For each row of an integer `[B, T]`, where it is not 0.
  fileprivate var trueColumns: [[Int]] {
    let values = integers
    return (0..<shape[0]).map { row in
      (0..<shape[1]).filter { values[row * shape[1] + $0] != 0 }
    }
  }
}
