import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Writes what Golden/check_export.py opens with `transformers`; runs only when told where to.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ETUDE_EXPORT"] != nil))
struct ExportTests {
  @Test(arguments: [
    ("base", AudioEncoder.Config.tiny), ("large", .tinyLarge), ("data2vec", .tinyData2Vec),
    ("nano", nano),
  ])
  func export(name: String, config: AudioEncoder.Config) throws {
    let root = URL(filePath: ProcessInfo.processInfo.environment["ETUDE_EXPORT"]!)
    let folder = root.appendingPathComponent(name)
    let encoder = try AudioEncoder.random(config)
    try encoder.save(to: folder)
    let samples = Tensor.normal([config.sampleRate], seed: 5) * 0.2 + 0.05
    let states = try encoder.hiddenStates(of: samples.scalars)
    let stacked = Tensor.concatenated(
      states.map { $0.reshaped(Shape([1] + $0.shape)) }, axis: 0)
    try SafeTensors.write(
      ["samples": samples, "hidden_states": stacked],
      to: folder.appendingPathComponent("states.safetensors"))
  }

  /// The laptop-sized model of the recipes.
  static var nano: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [Int](repeating: 64, count: 7)
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (192, 4, 4, 768)
    return config
  }
}
