import Evaluate
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// MARBLE's second version.
@Suite struct SecondVersionTests {
  @Test func itsTasksHaveTheirScoresAndTheOthersAreNamed() throws {
    let folder = try TestFolder()
    try MarbleSupport.writeSecondVersion(below: folder.url)
    var probe = Perceptron.Config()
    probe.hiddenUnits = 16
    let marble = Marble(
      MarbleTask.all, of: [try MarbleSupport.tiny(layers: 1)], root: folder.url,
      setting: MarbleSetting(.v2), grid: ProbeGrid(probe: probe, epochs: 2),
      store: EmbeddingStore(folder.url.appendingPathComponent("store")))
    let results = try marble.run()
    #expect(results.failed.isEmpty)
    #expect(
      results.outcomes.map(\.task) == [
        "MTT", "GS", "GTZAN", "GTZANBT", "EMO", "MTGGenre", "MTGInstrument", "MTGMood", "MTGTop50",
      ])
    for outcome in results.outcomes {
      #expect(outcome.values.allSatisfy { $0.score.isFinite }, "\(outcome.task)")
      let joins = ["MTT", "GTZANBT", "MTGTop50"].contains(outcome.task)
      #expect((outcome.choice.layer == .joined) == joins, "\(outcome.task)")
      #expect(outcome.choice.rate == (outcome.task == "GTZAN" ? 5e-3 : 1e-3), "\(outcome.task)")
    }
    #expect(
      results.missing.map(\.item) == ["NSynthI", "NSynthP", "VocalSetT", "VocalSetS", "MUSDB18"])
    #expect(results.missing.allSatisfy { $0.reason == "not in MARBLE v2" })
    #expect(results.average(of: "tiny") == nil)
    let scores = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self, from: results.json())
    #expect(scores["tiny"]?["GTZANBT v2"]?.keys.sorted() == ["beatF", "downbeatF"])
    try results.write(to: folder.url)
    let page = try folder.text(of: "report.md")
    #expect(page.contains("# MARBLE v2, constrained track"))
    #expect(!page.contains("MERT-v1-95M"))
  }

  /// Clips of 15 s: the rest is a clip from 12 s on, filled up with zeros.
  @Test(arguments: [(45.0, 3), (41.9, 2), (42, 3), (12, 1), (11.9, 0)])
  func clipsAreCutAsThere(seconds: Double, count: Int) throws {
    let folder = try TestFolder()
    try writeTone(
      to: folder.url.appendingPathComponent("a.wav"), seconds: seconds, sampleRate: 16_000,
      frequency: 200)
    let embedder = try #require(Embedder(handMade: "log-mel"))
    let store = EmbeddingStore(folder.url.appendingPathComponent("store"))
    let embeddings = try store.embeddings(
      of: [AudioClip(path: folder.path("a.wav"))], named: "x", by: embedder,
      .stretches(.clips(of: 15, firstChannel: false)))
    #expect(embeddings.rows[0].count == count)
    #expect((embeddings.leftOut[0] == nil) == (count > 0))
  }

  /// The first of two channels, and a clip whose end is silence as one that is filled up.
  @Test func aClipStandsAlone() throws {
    let folder = try TestFolder()
    func write(_ name: String, _ gains: [Double], seconds: Double) throws {
      try writeTones(
        [FixtureTone(frequency: 300, gains: gains)], to: folder.url.appendingPathComponent(name),
        seconds: seconds, sampleRate: 24_000)
    }
    try write("short.wav", [0.3], seconds: 2)
    try write("stereo.wav", [0.3, -0.3], seconds: 2)
    let store = EmbeddingStore(folder.url.appendingPathComponent("store"))
    let embeddings = try store.embeddings(
      of: ["short.wav", "stereo.wav"].map { AudioClip(path: folder.path($0)) }, named: "x",
      by: try MarbleSupport.tiny(), .framesOfStretches(.clips(of: 2.5, firstChannel: true)))
    #expect(embeddings.rows[0].count == embeddings.rows[1].count)
    let rows = try embeddings.rows.map { try embeddings.vectors(Array($0), layer: 1) }
    #expect(rows[0].scalars == rows[1].scalars)
    let whole = try MarbleSupport.tiny().frameCount(seconds: 2.5)
    #expect(rows[0].shape[0] == whole)
  }

  /// `W0` joins the layers, whose mean is not weighed.
  @Test func layersAreJoined() throws {
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    let probe = Perceptron(
      width: 3, layers: 2, joins: true, outputs: 4, Perceptron.Config(), using: &generator)
    #expect(probe.layerLogits == nil)
    let join = try #require(probe.join)
    #expect(join.weight.shape == [3, 6])
    let (a, b) = (Tensor.normal([5, 3], seed: 2), Tensor.normal([5, 3], seed: 3))
    let joined = join(.concatenated([a, b], axis: 1))
    let expected = probe.output(probe.hidden(joined).relu())
    expectClose(probe([a, b], in: .evaluating()), expected, relative: 1e-6)
  }

  @Test func theKeyRateFallsToATenth() {
    var plateau = Plateau(rate: 1, patience: 0, factor: 0.1)
    plateau.follow(0.5)
    plateau.follow(0.5)
    #expect(plateau.rate == 0.1)
  }
}
