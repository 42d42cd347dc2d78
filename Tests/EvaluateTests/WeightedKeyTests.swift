import Evaluate
import Foundation
import TestSupport
import Testing

/// Against mir_eval; the scores are written by `Tests/Golden/keys.py`.
@Suite struct WeightedKeyTests {
  private struct Golden: Decodable {
    var names: [String]
    /// A row for each truth, a column for each answer.
    var scores: [[Double]]
  }

  private static let golden: Golden = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Golden/keys.json")
    return try! JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }()

  /// Every pair of keys, by either name of the black ones.
  @Test func scoresEveryPairAsMirEvalDoes() {
    let (names, scores) = (Self.golden.names, Self.golden.scores)
    #expect(names.count == 30)
    for truth in names.indices {
      for answer in names.indices {
        let answers = Answers([Int32(answer)], to: [Int32(truth)], among: names)
        #expect(
          Metric.weightedKey.score(answers) == scores[truth][answer],
          "\(names[answer]) for \(names[truth])")
      }
    }
  }

  /// G for C is worth 0.5, C for G, a fifth below, nothing.
  @Test func isAMeanOverPieces() {
    let answers = Answers([0, 1, 0], to: [0, 0, 1], among: ["C major", "G major"])
    #expect(Metric.weightedKey.score(answers) == 0.5)
  }

  /// Of C, G and D major always G is the best answer: 0.5 for C, 1 for G, 0 for D.
  @Test func guessingIsTheBestConstantKey() {
    let chance = Metric.weightedKey.chance(
      of: [0, 1, 2], among: ["C major", "G major", "D major"])
    #expect(chance == 0.5)
  }

  @Test(arguments: [
    ("C major", true), ("Bb minor", true), ("C", false), ("H minor", false), ("C dorian", false),
    ("beat", false),
  ])
  func scoresClassesThatNameKeys(name: String, isKey: Bool) {
    #expect(Metric.weightedKey.scores(name) == isKey)
  }

  @Test func trapsOnWhatIsNoKey() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Metric.weightedKey.score(Answers([0], to: [0], among: ["violin"]))
    }
    expectWords("Metric.weightedKey: needs names such as 'C# minor', got 'violin'", in: result)
  }

  /// From the recipe to the page: key by this score, the beat by accuracy.
  @Test func aRecipeChoosesItForTheKey() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var probes = Tiny.probes
      probes.tasks = [.key, .beat]
      probes.metrics.key = .weightedKey
      let report = try Comparison(
        [Contender(at: Tiny.model(folder.appending(path: "model")))], data: nil,
        probeData: .folder(corpus), probes: probes, folder: folder.appending(path: "out")
      ).run(commands: []).report
      #expect(report.probes.map(\.metric.rawValue).contains("weightedKey"))
      #expect(
        report.markdown.contains("Weighted key score in % (key) and accuracy in % (beat), the mean")
      )
      #expect(report.html.contains(">weighted key score in %</text>"))
      #expect(try ComparisonReport(json: report.json) == report)
    }
  }

  @Test func noOtherTaskCanHaveIt() throws {
    try withFolder { folder in
      let corpus = try ProbeCorpus(URL(filePath: Tiny.corpus(folder.appending(path: "corpus"))))
      var probes = Tiny.probes
      probes.metrics.beat = .weightedKey
      let error = #expect(throws: ProbeError.self) { try Probing(probes, on: corpus) }
      #expect(
        error?.description.hasPrefix(
          "metrics.beat: weightedKey does not score the class 'beat'; choose another metric")
          == true)
    }
  }
}
