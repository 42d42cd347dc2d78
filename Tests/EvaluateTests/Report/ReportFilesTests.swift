import Train
import Evaluate
import Foundation
import Testing

@Suite struct ReportFilesTests {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "report-\(UUID().uuidString)")

  @Test func fiveFilesAreWrittenAndReplaced() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var report = ReportSample.report
    try report.write(to: folder)
    report.title = "Again"
    let page = try report.write(to: folder)
    let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(
      written.sorted() == ["report.csv", "report.html", "report.json", "report.md", "report.tex"])
    #expect(try String(contentsOf: page, encoding: .utf8) == report.html)
  }

  @Test func jsonGivesTheReportBack() throws {
    let report = ReportSample.report
    #expect(try ComparisonReport(json: report.json) == report)
  }

  @Test func jsonHoldsLossesThatAreNotNumbers() throws {
    var report = ReportSample.report
    report.runs[0].log[3].loss = .infinity
    report.runs[0].log[4].loss = .nan
    let read = try ComparisonReport(json: report.json)
    #expect(read.runs[0].log[3].loss == .infinity)
    #expect(read.runs[0].log[4].loss.isNaN)
  }

  @Test func anUnwritableFolderIsNamed() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder)
    #expect {
      try ReportSample.report.write(to: folder)
    } throws: {
      "\($0)" == "\(folder.path): is not a folder; choose another place"
    }
  }
}
