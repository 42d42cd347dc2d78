import Foundation
import Models
import Tensor
import TestSupport
import Testing

@Suite struct StreamingTests {
  /// Stretch by stretch, without a gradient, the front end gives what it gives as a whole with one.
  @Test(
    arguments: [AudioEncoder.Config.tiny, .tinyLarge, .tinyData2Vec],
    [(Precision.fp32, Float(5e-6)), (.bf16, 2e-2)])
  func featuresByStretches(
    config: AudioEncoder.Config, precision: (of: Precision, tolerance: Float)
  ) throws {
    let encoder = try AudioEncoder.random(config)
    let samples = config.frontEnd.sampleCount(frames: 101) + 1
    let waveform = Tensor.normal([2, samples], seed: 1) * 0.1
    expectClose(
      encoder.features(waveform, precision: precision.of).cast(to: .float32),
      encoder.features(waveform.tracked(), precision: precision.of).detached()
        .cast(to: .float32),
      relative: precision.tolerance)
  }

  /// Weights that were mapped stay as they are in the file when the model is changed.
  @Test func changingAModelLeavesItsFile() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("etude-mapped-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try AudioEncoder.random(.tiny).save(to: folder)
    let before = try AudioEncoder.load(folder)
    var changed = try AudioEncoder.load(folder)
    changed.update { _, tensor in tensor.update { $0[0] += 1 } }
    let after = try AudioEncoder.load(folder)
    for ((a, b), c) in zip(zip(before.parameters, after.parameters), changed.parameters) {
      #expect(a.tensor.scalars == b.tensor.scalars)
      #expect(c.tensor.scalars[0] == a.tensor.scalars[0] + 1)
    }
  }
}
