import Evaluate
import Foundation
import Testing

@Suite struct ReportDifferenceTests {
  /// Runs by these names, all probed on one task.
  private func report(_ runs: [(name: String, accuracies: [Double])]) -> ComparisonReport {
    var report = ReportSample.bare
    report.runs = runs.map { ReportSample.run($0.name) }
    report.probes = runs.map {
      ProbeResult(
        model: $0.name, kind: .pretrained, task: "key", metric: .accuracy, chance: 0.1,
        scores: $0.accuracies,
        repeats: .weights)
    }
    return report
  }

  /// Seeds scatter by 20 points, the differences by one: +3, +4, +5 points, 4.3027 · 1 / √3 = 2.48.
  @Test func differencesArePairedBySeed() throws {
    let report = report([("a", [0.20, 0.30, 0.40]), ("b", [0.23, 0.34, 0.45])])
    let difference = try #require(report.differences.first)
    #expect(report.differences.count == 1)
    #expect((difference.model, difference.baseline, difference.task) == ("b", "a", "key"))
    #expect(abs(difference.interval.mean - 0.04) < 1e-9)
    #expect(abs(difference.interval.halfWidth - 0.0248) < 1e-4)
    #expect(difference.isClear)
    #expect(report.markdown.contains("## Against a\n"))
    #expect(report.markdown.contains("| b | ▲ +4.0\u{00A0}±\u{00A0}2.5 |"))
    #expect(report.html.contains(#"<td class="learned"><span aria-hidden="true">▲</span>"#))
    #expect(report.html.contains("better:</span> +4.0\u{00A0}±\u{00A0}2.5</td>"))
  }

  @Test func whatMayBeNothingHasNoDirection() {
    let report = report([
      ("a", [0.2, 0.3, 0.4]), ("b", [0.3, 0.3, 0.4]), ("c", [0.1, 0.2, 0.31]),
    ])
    #expect(report.differences.map(\.isClear) == [false, true])
    #expect(report.markdown.contains("| b | +3.3\u{00A0}±\u{00A0}14.3 |"))
    #expect(report.markdown.contains("| c | ▼ −9.7\u{00A0}±\u{00A0}1.4 |"))
  }

  @Test func whatCannotBePairedIsLeftOut() {
    var single = report([("a", [0.2, 0.3, 0.4]), ("b", [0.5])])
    single.runs[1].trainings.removeLast(2)
    #expect(single.differences.isEmpty)
    #expect(!single.markdown.contains("## Against"))
    #expect(!single.html.contains("id=\"differences\""))
    #expect(report([("a", [0.2]), ("b", [0.3])]).differences.isEmpty)
    #expect(report([("a", [0.2, 0.3])]).differences.isEmpty)
  }

  /// A difference of scores on other pieces is none between models.
  @Test func whatWasNotTestedOnTheSameHasNoDifference() {
    var report = report([("a", [0.2, 0.3]), ("b", [0.5, 0.6]), ("c", [0.5, 0.7])])
    for (place, pieces) in [[0, 1, 2], [0, 1, 2], [7, 8, 9]].enumerated() {
      report.probes[place].items = ItemScores(pieces: pieces, worths: [[0, 1, 0], [0, 1, 1]])
    }
    #expect(report.differences.map(\.model) == ["b"])
    #expect(
      report.markdown.contains("Models that could not use the same pieces have no difference."))
  }

  /// Whatever their order is.
  @Test func commonSeedsArePaired() throws {
    var report = report([("a", [0.2, 0.3, 0.4]), ("b", [0.5, 0.6, 0.1])])
    report.probes[1].seeds = [4, 3, 2]
    report.runs[1].trainings = [2, 3, 4].map { .init(seed: $0, steps: 700, seconds: 71) }
    let difference = try #require(report.differences.first)
    #expect(difference.seeds == [3, 2])
    #expect(zip(difference.differences, [0.2, -0.2]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(
      report.markdown.contains(
        "Not all were trained with the same seeds: a with 1, 2 and 3; b with 2, 3 and 4. Trainings")
    )

    // None in common: in the order of the seeds.
    report.probes[1].seeds = [13, 12, 11]
    let others = try #require(report.differences.first)
    #expect(others.seeds == [11, 12, 13])
    #expect(zip(others.differences, [-0.1, 0.3, 0.1]).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  /// The differences are then from the first of the others.
  @Test func runsWithAStoppedTrainingHaveNoPart() throws {
    var report = report([
      ("a", [0.2, 0.3, 0.4]), ("b", [0.23, 0.34, 0.45]), ("c", [0.1, 0.2, 0.31]),
    ])
    report.runs[0].trainings[2].stopped = "collapsed"
    #expect(report.differences.map(\.baseline) == ["b"])
    #expect(report.differences.map(\.model) == ["c"])
    for text in [report.markdown, report.html] {
      #expect(
        text.contains("Without a, of which a training was stopped: b is the first of the others."))
      #expect(text.contains("Accuracy less that of b, in points"))
    }
    #expect(report.markdown.contains("## Against b\n") && !report.markdown.contains("| b | ▲"))

    report.runs[1].trainings[2].stopped = "collapsed"
    #expect(report.differences.isEmpty)
    #expect(
      report.html.contains(
        "Without a and b, of which a training was stopped: there is nothing to compare."))
  }

  @Test func jsonHoldsThemAndOlderReportsAreRead() throws {
    struct Document: Decodable { var differences: [RunDifference] }
    let report = ReportSample.report
    let written = try JSONDecoder().decode(Document.self, from: report.json).differences
    #expect(written == report.differences && written.count == 6)

    var object = try #require(
      JSONSerialization.jsonObject(with: report.json) as? [String: Any])
    object["differences"] = nil
    #expect(
      try ComparisonReport(json: JSONSerialization.data(withJSONObject: object)) == report)
  }
}
