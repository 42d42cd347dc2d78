import Evaluate
import Foundation
import Testing

/// The score of each layer, where it is known.
@Suite struct LayerProfileTests {
  private var report: ComparisonReport {
    var report = ReportSample.report
    for probe in report.probes.indices where report.probes[probe].kind == .pretrained {
      report.probes[probe].layers = (0...4).map { layer in
        LayerScores(layer: layer, scores: [0.1, 0.2, 0.3].map { $0 + Double(layer) / 10 })
      }
    }
    return report
  }

  @Test func eachTaskHasAChartAndItsNumbers() {
    let page = report.html
    #expect(page.components(separatedBy: #"class="chart layers""#).count == 1 + 3)
    #expect(page.ranges(of: "mert-nano 60.0 at layer 4").count == 3)
    #expect(page.ranges(of: "<td>20.0</td>\n<td>30.0</td>\n<td>40.0</td>").count == 3 * 3)
    #expect(report.markdown.contains("| pitch | mert-nano | 20.0 | 30.0 | 40.0 | 50.0 | 60.0 |"))
    #expect(firstUnbalancedTag(in: page) == nil)
  }

  @Test func olderReportsHaveNone() {
    #expect(!ReportSample.report.html.contains("id=\"layers\""))
    #expect(!ReportSample.report.markdown.contains("each layer"))
  }

  @Test func aModelWithAStoppedTrainingHasNone() {
    var report = report
    report.runs[2].trainings[0].stopped = "collapsed"
    #expect(!report.markdown.contains("| pitch | mert-nano | 20.0 |"))
    #expect(report.markdown.contains("| pitch | music2vec-nano | 20.0 |"))
  }
}
