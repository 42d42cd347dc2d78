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
    #expect(lines[0] == "model,features,key,key lower,key upper,key seeds,stopped")
    #expect(lines[1].hasPrefix("\"a_b, \"\"100 %\"\"\",trained,0.55,"))
    #expect(lines[1].hasSuffix(",2,0"))
    #expect(lines.contains("log-mel mean,statistics,0.4,,,1,0"))
    #expect(lines.contains("chance,chance,0.1,,,,0"))
  }

  /// A mean over two of three trainings would look like one of all.
  @Test func stoppedTrainingsHaveNoScores() {
    var report = report
    report.probes[0].scores = [0.9, 0.9]
    report.probes[1].metric = .accuracy
    report.runs[0].trainings[1].stopped = "collapsed"
    #expect(report.csv.contains("\",trained,,,,,1\r\n"))
    let lines = report.latex.split(separator: "\n")
    #expect(lines[4].hasSuffix(" & stopped \\\\"))
    #expect(report.latex.contains("log-mel mean & $\\mathbf{40.0}$"))
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("-x", "'-x"), ("@a", "'@a"), ("two\nlines", "\"two\nlines\""),
    ("two\r\nlines", "\"two\r\nlines\""), ("plain", "plain"),
    ("inch\"\u{301}", "\"inch\"\"\u{301}\""),
  ])
  func textsThatASpreadsheetWouldReadAreQuoted(name: String, cell: String) {
    var report = report
    (report.runs[0].name, report.probes[0].model) = (name, name)
    #expect(report.csv.contains("\r\n\(cell),trained,0.55,"), "\(report.csv)")
  }

  @Test(arguments: [
    ("[old]", "{}[old] &"), ("*star", "{}*star &"), ("two\nlines", "two lines &"),
    (" [old]", "{} [old] &"),
    ("#\u{FE0F}\u{20E3} a&\u{301}b", "\\#\u{FE0F}\u{20E3} a\\&\u{301}b &"),
  ])
  func rowsOfLatexAreNoArguments(name: String, start: String) {
    var report = report
    (report.runs[0].name, report.probes[0].model) = (name, name)
    report.probes[1].scores = [-0.4]
    #expect(report.latex.contains("\n\(start)"), "\(report.latex)")
    #expect(report.latex.contains("log-mel mean & $-40.0$"))
  }

  /// Runs of one encoder have the same.
  @Test func randomInitialisationsStandOnce() {
    var report = ReportSample.report
    report.probes.removeAll { $0.task != "key" }
    let rows = report.csv.components(separatedBy: "\r\n").filter { $0.contains(",random,") }
    #expect(rows.count == 1)
    #expect(rows[0].hasPrefix("all models,random,"))
    report.probes.removeAll { $0.model == "mert-nano" }
    #expect(report.csv.contains("\"musichubert-nano, music2vec-nano\",random,"))
  }

  @Test func latex() {
    let lines = report.latex.split(separator: "\n")
    #expect(lines[0] == "\\begin{tabular}{lr}")
    #expect(lines[4] == "a\\_b, \"100 \\%\" & $\\mathbf{55.0} \\pm 63.5$ \\\\")
    #expect(lines.contains("log-mel mean & $40.0$ \\\\"))
    #expect(lines.contains("chance & $10.0$ \\\\"))
  }
}
