import Evaluate
import Foundation
import Testing

/// What trainings took, and scores over it.
@Suite struct ReportCostTests {
  private func report(_ costs: [TrainingCost?]) -> ComparisonReport {
    var report = ReportSample.report
    for run in report.runs.indices {
      report.runs[run].trainings = costs.enumerated().map {
        .init(seed: $0 + 1, steps: 700, seconds: 71, cost: $1)
      }
    }
    return report
  }

  private let cost = TrainingCost(
    hoursHeard: 3.5, operations: 2e15, stageOperations: 5e14, cpuSeconds: 1800)

  @Test func theTableHasTheMeanOfTheTrainings() {
    var other = cost
    (other.hoursHeard, other.cpuSeconds) = (4.5, 5400)
    let text = report([cost, other]).markdown
    #expect(
      text.contains(
        "| mert-nano | 2 | 700 | 4\u{00A0}h\u{00A0}00\u{00A0}min | 2.00\u{00A0}PFLOP | 500\u{00A0}TFLOP "
          + "| 1\u{00A0}h\u{00A0}00\u{00A0}min |"))
  }

  /// One log of an older version leaves the processor time of the recipe open.
  @Test func whatIsNotRecordedIsNotGuessed() {
    var other = cost
    other.cpuSeconds = nil
    #expect(report([cost, other]).markdown.contains("| 500\u{00A0}TFLOP | not known |"))
    #expect(!report([cost, nil]).html.contains("id=\"cost\""))
    #expect(!ReportSample.report.html.contains("id=\"cost\""))
  }

  /// Two charts for each of three tasks, a dot for each run; the trained models' alone.
  @Test func scoresStandOverCost() {
    let page = report([cost, cost, cost]).html
    #expect(page.contains("Scores over cost"))
    let charts = page.components(separatedBy: #"class="chart course""#).dropFirst()
    #expect(charts.count == 6)
    for chart in charts {
      #expect(chart.components(separatedBy: "<circle").count >= 1 + 3)
    }
    #expect(page.contains("mert-nano 78.0% after 3.50 hours heard"))
    #expect(!ReportSample.report.html.contains("Scores over cost"))
  }
}
