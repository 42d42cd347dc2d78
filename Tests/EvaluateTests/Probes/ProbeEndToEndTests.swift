import Audio
import Cluster
import Corpus
import Evaluate
import Foundation
import Models
import Tensor
import Testing

/// A small corpus on disk, probed with a tiny encoder and with hand-made statistics.
@Suite struct ProbeEndToEndTests {
  private let recipe = {
    var recipe = ProbeRecipe()
    (recipe.folds, recipe.seeds, recipe.maximumExamples) = (3, [1, 2], 400)
    return recipe
  }()

  private func withCorpus(minutes: Double, _ body: (ProbeCorpus) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Corpus.write(to: folder, minutes: minutes, seed: 5)
    try body(ProbeCorpus(folder))
  }

  private var tiny: AudioEncoder.Config {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = [Int](repeating: 8, count: 7)
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (16, 2, 2, 32)
    (config.position.kernel, config.position.groups) = (8, 2)
    return config
  }

  @Test func probesEncodersAndStatisticsOnEveryTask() throws {
    try withCorpus(minutes: 2.4) { corpus in
      let probing = try Probing(recipe, on: corpus)
      let random = try probing.rows(
        of: .randomInitialisation(of: RandomStart(of: tiny), name: "tiny"))
      let statistics = try probing.rowsOfStatistics()
      for row in random + statistics {
        #expect(row.scores.count == 2 && row.scores.allSatisfy { (0...1).contains($0) })
        #expect(row.outcomes.allSatisfy { $0.choices.count == 3 })
        #expect(row.classes >= 2 && row.examples >= corpus.labels.count)
      }
      #expect(random.map(\.task) == ["key", "instrument", "pitch", "beat"])
      #expect(
        statistics.map(\.task) == Array(repeating: random.map(\.task), count: 6).flatMap(\.self))
      #expect(
        stride(from: 0, to: 24, by: 4).map { statistics[$0].model }
          == HandMadeStatistics.all.map(\.name))
      let pitch = statistics[2]
      #expect(Interval(of: pitch.scores).mean > pitch.chance + 0.05)
      #expect(pitch.result.layer == nil)
      let text = ProbeTable(random + statistics).description
      #expect(text.split(separator: "\n").count == 29)
    }
  }

  @Test func aTrainedModelIsEmbeddedOnceAndRepeats() throws {
    try withCorpus(minutes: 1.6) { corpus in
      var generator = RandomStream(seed: 9, purpose: .initialisation)
      let encoder = try AudioEncoder(tiny, using: &generator)
      let probing = try Probing(recipe, on: corpus)
      var embedded = 0
      let rows = try probing.rows(of: .pretrained(encoder, name: "t")) { _, _ in embedded += 1 }
      #expect(embedded == corpus.labels.count)
      #expect(try rows == probing.rows(of: .pretrained(encoder, name: "t")))
      let decoded = try JSONDecoder().decode(
        [ProbeRow].self, from: Data(ProbeTable(rows).json().utf8))
      #expect(decoded == rows)
    }
  }

  /// Ranks share models and seeds: the rows of one process, and of subjects one after the other.
  @Test func ranksShareModelsAndSeeds() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Corpus.write(to: folder, minutes: 1.6, seed: 5)
    var generator = RandomStream(seed: 9, purpose: .initialisation)
    let (recipe, encoder) = (recipe, try AudioEncoder(tiny, using: &generator))
    @Sendable func subjects() -> [ProbeSubject] {
      [
        .randomInitialisation(of: RandomStart(of: encoder), name: "t"),
        .pretrained(encoder, name: "t"),
      ]
    }
    let probing = try Probing(recipe, on: ProbeCorpus(folder))
    let expected = try probing.rowsOfStatistics() + subjects().flatMap { try probing.rows(of: $0) }
    for count in [1, 2, 5] {
      let all = try ThreadCommunicator.run(ranks: count) { ranks in
        let probing = try ranks.agree { try Probing(recipe, on: ProbeCorpus(folder)) }
        return try probing.rows(ofStatisticsAnd: subjects(), among: ranks)
      }
      for rows in all { #expect(rows == expected, "\(count) ranks") }
    }
  }

  @Test func tooSmallACorpusIsRefusedInOneLine() throws {
    let error = #expect(throws: ProbeError.self) { try withCorpus(minutes: 0.5) { _ in } }
    #expect(error?.description.contains("4 usable pieces are too few to probe on") == true)
  }
}
