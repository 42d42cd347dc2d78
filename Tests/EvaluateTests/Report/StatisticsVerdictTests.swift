import Evaluate
import Foundation
import Testing

/// A model beside several hand-made statistics, of which the best on each task counts.
@Suite struct StatisticsVerdictTests {
  /// Three trainings with 60 % on `key` and `pitch` each.
  private var report: ComparisonReport {
    var report = ReportSample.bare
    report.runs = [ReportSample.run("model")]
    for task in ["key", "pitch"] {
      report.probes += [
        result("model", .pretrained, task, [0.60, 0.60, 0.60]),
        result("model", .randomInitialisation, task, [0.30, 0.30, 0.30]),
      ]
    }
    let statistics: [(String, key: Double, pitch: Double)] = [
      ("log-mel mean", 0.40, 0.70), ("log-CQT mean", 0.50, 0.65), ("chroma mean", 0.45, 0.20),
    ]
    for (name, key, pitch) in statistics {
      report.probes += [
        result(name, .statistics, "key", [key, key, key]),
        result(name, .statistics, "pitch", [pitch, pitch, pitch]),
      ]
    }
    return report
  }

  private func result(
    _ model: String, _ kind: ProbeResult.Kind, _ task: String, _ scores: [Double]
  ) -> ProbeResult {
    ProbeResult(
      model: model, kind: kind, task: task, metric: .accuracy, chance: 0.1, scores: scores,
      repeats: kind == .statistics ? .folds : .weights)
  }

  @Test func theBestOfATaskIsTheOneToBeat() {
    let outcomes = report.outcomes
    #expect(outcomes.map(\.statistics) == ["log-CQT mean", "log-mel mean"])
    #expect(zip(outcomes, [0.50, 0.70]).allSatisfy { abs($0.statisticsScore! - $1) < 1e-9 })
    #expect(outcomes.map(\.standing) == [.better, .worse])
    let text = report.markdown.replacing("\u{A0}", with: " ")
    #expect(text.contains("learned 2 of 2 tasks, beats hand-made statistics on 1;"))
    #expect(
      text.contains(
        "It beats the best hand-made statistics, outside the intervals: log-CQT mean on key (50.0%)."
      ))
    #expect(
      text.contains("Features that learned nothing do better still: log-mel mean on pitch (70.0%).")
    )
    #expect(text.contains("| model | 60.0 ± 0.0; ▲ +30.0 points, beats hand-made |"))
    #expect(text.contains("| log-CQT mean | 50.0 ± 0.0, the best | 65.0 ± 0.0 |"))
  }

  @Test func overlappingIntervalsBeatNothing() {
    var report = report
    report.probes[0].scores = [0.40, 0.60, 0.80]
    #expect(report.outcomes[0].standing == .withinIntervals)
    #expect(!report.markdown.contains("beats hand-made"))
  }

  @Test func aSingleTrainingIsNotJudgedBesideThem() {
    var report = report
    report.runs[0].trainings.removeLast(2)
    for i in [0, 2] { report.probes[i].repeats = .folds }
    #expect(report.outcomes.map(\.standing) == [nil, nil])
    let text = report.markdown
    #expect(text.contains("Higher without any model: log-mel mean on pitch (70.0%)."))
    #expect(
      text.contains(
        "Lower without any model: log-CQT mean on key (50.0%), the best of the hand-made."))
  }

  @Test func thePageGroupsThem() throws {
    let html = report.html
    #expect(html.components(separatedBy: "hand-made, no model</").count == 4)
    let best = #"<span class="spoken">, the best</span>"#
    #expect(html.contains("<td><strong>50.0\u{A0}±\u{A0}0.0</strong>\(best)</td>"))
    #expect(html.components(separatedBy: #"class="plain-best""#).count == 3)
    for name in ["log-mel mean", "log-CQT mean", "chroma mean"] {
      // In the table, and beside its mark in each chart.
      #expect(html.components(separatedBy: ">\(name)</").count == 4)
    }
  }

  @Test func jsonNamesThem() throws {
    let json = try #require(
      JSONSerialization.jsonObject(with: report.json) as? [String: Any])
    let outcomes = try #require(json["outcomes"] as? [[String: Any]])
    #expect(outcomes[0]["statistics"] as? String == "log-CQT mean")
    #expect(outcomes[0]["statisticsAccuracy"] as? Double == 0.5)
    #expect(outcomes.map { $0["againstStatistics"] as? String } == ["better", "worse"])
  }

  /// Earlier reports have one row, of log-mel means and deviations.
  @Test func aReportWithOneRowIsReadAndWritten() throws {
    let read = try ComparisonReport(json: ReportSample.report.json)
    #expect(read == ReportSample.report)
    #expect(read.outcomes.allSatisfy { $0.statistics == "log-mel statistics" })
    #expect(!read.markdown.contains(", the best"))
    #expect(read.markdown.contains("and the row without a model."))
  }
}
