import Evaluate
import Testing

/// Models over all tasks.
@Suite struct OverallRankTests {
  private func report(_ scores: [String: [Double?]]) -> ComparisonReport {
    var report = ReportSample.report
    report.runs = scores.keys.sorted().map(ReportSample.run)
    report.probes = scores.keys.sorted().flatMap { name in
      scores[name]!.enumerated().compactMap { task, score in
        score.map {
          ProbeResult(
            model: name, kind: .pretrained, task: "task \(task)", metric: .accuracy, chance: 0.1,
            scores: [$0], repeats: .folds)
        }
      }
    }
    return report
  }

  /// On the first task b and c share the ranks 2 and 3.
  @Test func equalScoresShareTheirRanks() {
    let text = report(["a": [0.5, 0.25], "b": [0.25, 0.5], "c": [0.25, 0.75]]).markdown
    for row in ["| a | 2.0 | 37.5 |", "| b | 2.2 | 37.5 |", "| c | 1.8 | 50.0 |"] {
      #expect(text.contains(row), "\(text)")
    }
  }

  /// 0.1 + 0.2 + 0.3 is another number than 0.3 + 0.2 + 0.1.
  @Test func theOrderOfSeedsBreaksNoTie() {
    var report = report(["a": [0.2], "b": [0.2]])
    (report.probes[0].scores, report.probes[1].scores) = ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1])
    for index in 0...1 { report.probes[index].seeds = [1, 2, 3] }
    #expect(report.markdown.contains("| a | 1.5 | 20.0 |"))
    #expect(report.markdown.contains("| b | 1.5 | 20.0 |"))
  }

  /// a is first by both metrics of the first task, b on the second and the third.
  @Test func theMetricsOfATaskCountAsOne() {
    var report = report(["a": [0.5, 0.5, 0.2, 0.2], "b": [0.3, 0.3, 0.5, 0.5]])
    for index in report.probes.indices where report.probes[index].task == "task 1" {
      report.probes[index].mainTask = "task 0"
    }
    #expect(report.markdown.contains("| a | 1.7 | 30.0 |"), "\(report.markdown)")
    #expect(report.markdown.contains("| b | 1.3 | 43.3 |"))
  }

  @Test func whoLacksATaskIsNotRanked() {
    let text = report(["a": [0.5, 0.25], "b": [0.25, nil], "c": [0.25, 0.75]]).markdown
    #expect(text.contains("| a | 1.5 | 37.5 |") && !text.contains("| b | 2."))
    #expect(!report(["a": [0.5, 0.5]]).markdown.contains("mean rank"))
    #expect(report(["a": [0.5], "b": [0.25]]).html.contains("<caption>Over all tasks</caption>"))
  }
}
