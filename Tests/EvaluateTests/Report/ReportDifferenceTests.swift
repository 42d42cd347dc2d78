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
    #expect(report.html.contains("<td class=\"learned\">▲ +4.0\u{00A0}±\u{00A0}2.5</td>"))
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
    for other in [[0.5], [0.5, 0.6]] {
      let report = report([("a", [0.2, 0.3, 0.4]), ("b", other)])
      #expect(report.differences.isEmpty)
      #expect(!report.markdown.contains("## Against"))
      #expect(!report.html.contains("id=\"differences\""))
    }
    #expect(report([("a", [0.2]), ("b", [0.3])]).differences.isEmpty)
    #expect(report([("a", [0.2, 0.3])]).differences.isEmpty)
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
