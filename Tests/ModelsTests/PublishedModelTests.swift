import Files
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Models of the structure of published ones, in the files in which they are published, against
/// `transformers`, see Golden/models_published.py.
@Suite struct PublishedModelTests {
  static let names = ["mert-95m", "mert-330m", "hubert-large", "hubert-layer", "data2vec"]
  static let root = goldenFolder.appendingPathComponent("models_published")

  /// Relative RMS that is allowed: rounding of float32, and of bfloat16.
  static let cases = names.flatMap { name in
    [(name, Precision.fp32, 1e-4), (name, .bf16, 0.02)]
  }

  private struct Golden {
    let encoder: AudioEncoder
    let waveform: [Float]
    let file: SafeTensors

    init(_ name: String) throws {
      let folder = root.appendingPathComponent(name)
      encoder = try AudioEncoder.load(folder)
      waveform = try SafeTensors(contentsOf: root.appendingPathComponent("waveform.safetensors"))
        .tensor("waveform").scalars
      file = try SafeTensors(contentsOf: folder.appendingPathComponent("states.safetensors"))
    }
  }

  @Test(arguments: cases)
  func everyLayerAtSeveralLengths(name: String, precision: Precision, bound: Double) throws {
    let golden = try Golden(name)
    for samples in [400, 1999, 6401] {
      let expected = try golden.file.tensor("\(samples).hidden_states")
      let states = try golden.encoder.stackedHiddenStates(
        of: Array(golden.waveform.prefix(samples)), precision: precision)
      #expect(states.shape == expected.shape)
      for layer in 0..<expected.shape[0] {
        let difference = relativeRMS(states[layer], expected[layer])
        #expect(difference < bound, "\(samples) samples, layer \(layer): \(difference)")
      }
    }
  }

  @Test(arguments: cases)
  func everyLayerOfPaddedRows(name: String, precision: Precision, bound: Double) throws {
    let golden = try Golden(name)
    let counts = try golden.file.tensor("padded.samples").integers.map(Int.init)
    let lengths = try golden.file.tensor("padded.lengths").integers.map(Int.init)
    let rows = counts.map { count in
      let row = golden.encoder.config.prepare(Array(golden.waveform.suffix(count)))
      return row + [Float](repeating: 0, count: counts.max()! - count)
    }
    let batch = Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    let states = golden.encoder.hiddenStates(batch, lengths: lengths, precision: precision)
    let expected = try golden.file.tensor("padded.hidden_states")
    #expect(states.count == expected.shape[0])
    for (layer, state) in states.enumerated() {
      for (row, length) in lengths.enumerated() {
        let difference = relativeRMS(state[row][..<length], expected[layer][row][..<length])
        #expect(difference < bound, "row \(row), layer \(layer): \(difference)")
      }
    }
  }

  @Test func configurationsAreThoseOfThePapers() throws {
    let mert = try AudioEncoder.load(Self.root.appendingPathComponent("mert-330m")).config
    #expect(mert.sampleRate == 24_000 && !mert.normalizesWaveform)
    #expect(mert.frontEnd.norm == .group && mert.normOrder == .pre && mert.heads == 5)
    #expect(mert.frontEnd.stride == 320 && mert.frontEnd.receptiveField == 400)
    let hubert = try AudioEncoder.load(Self.root.appendingPathComponent("hubert-large")).config
    #expect(hubert.sampleRate == 16_000 && hubert.normalizesWaveform && hubert.frontEnd.bias)
    let data2vec = try AudioEncoder.load(Self.root.appendingPathComponent("data2vec")).config
    #expect(data2vec.position.kernel == 19 && data2vec.position.depth == 5)
  }
}
