import Evaluate
import Foundation
import Testing

/// The table for papers and spreadsheets.
@Suite struct ResultTableTests {
  private var report: ComparisonReport {
    var report = ReportSample.report
    report.runs[0].name = "a_b, \"100 %\""
    report.probes = [
      ProbeResult(
        model: report.runs[0].name, kind: .pretrained, task: "key", metric: .accuracy, chance: 0.1,
        scores: [0.5, 0.6], repeats: .weights),
      ProbeResult(
        model: "log-mel mean", kind: .statistics, task: "key", metric: .accuracy, chance: 0.1,
        scores: [0.4], repeats: .folds),
    ]
    return report
  }

  @Test func commaSeparatedValues() {
    let lines = report.csv.components(separatedBy: "\r\n")
    #expect(lines[0] == "model,features,key,key lower,key upper,key seeds")
    #expect(lines[1].hasPrefix("\"a_b, \"\"100 %\"\"\",trained,0.55,"))
    #expect(lines[1].hasSuffix(",2"))
    #expect(lines[2] == "log-mel mean,statistics,0.4,,,1")
  }

  @Test func latex() {
    let lines = report.latex.split(separator: "\n")
    #expect(lines[0] == "\\begin{tabular}{lr}")
    #expect(lines[4] == "a\\_b, \"100 \\%\" & $\\mathbf{55.0} \\pm 63.5$ \\\\")
    #expect(lines[5] == "log-mel mean & $40.0$ \\\\")
  }
}
