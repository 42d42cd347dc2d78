import Evaluate
import Foundation
import Models
import Tensor

/// Data sets, a model and a grid that are small enough for tests.
enum MarbleSupport {
  /// Every data set below one folder.
  static func writeAll(below root: URL) throws {
    try MagnaTagATuneFixture.write(to: root)
    try GTZANFixture.write(to: root)
    try GTZANRhythmFixture.write(to: root)
    try GiantStepsFixture.write(to: root)
    try EmoMusicFixture.write(below: root)
    try VocalSetFixture.write(below: root)
    try NSynthFixture.write(below: root)
    try MTGJamendoFixture.write(below: root)
    try MUSDB18Fixture.write(below: root)
  }

  /// The data sets of MARBLE's second version, long enough for its clips, and one that it has not.
  static func writeSecondVersion(below root: URL) throws {
    try MagnaTagATuneFixture.write(to: root, seconds: 25)
    try GTZANRhythmFixture.write(to: root, seconds: 25)
    try GiantStepsFixture.write(to: root)
    try EmoMusicFixture.write(below: root, seconds: 28)
    try NSynthFixture.write(below: root)
    try MTGJamendoFixture.write(below: root, seconds: 25)
  }

  /// A model with the weights of a seed.
  static func tiny(layers: Int = 2) throws -> Embedder {
    var config = Tiny.encoder
    config.layers = layers
    var generator = RandomStream(seed: 3, purpose: .initialisation)
    return Embedder(try AudioEncoder(config, using: &generator), name: "tiny")
  }

  /// Two layers and two rates.
  static var grid: ProbeGrid {
    var probe = Perceptron.Config()
    probe.hiddenUnits = 32
    return ProbeGrid(
      layers: [.weighted, .layer(1)], rates: [1e-3, 1e-2], probe: probe, epochs: 5)
  }

  /// The tasks, that of separation with few mixtures and a small network.
  static var tasks: [MarbleTask] {
    MarbleTask.all.map { task in
      guard task.name == "MUSDB18" else { return task }
      return MarbleTask(
        task.name, title: task.title, on: task.card,
        by: SeparationProbing(
          mixturesPerSong: 2, units: 16,
          schedule: ProbeSchedule(epochs: 2, patience: 2, stopAfter: 5)),
        read: task.read)
    }
  }
}
