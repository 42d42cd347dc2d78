import Evaluate
import Foundation
import Testing

/// Wrong keys by their kind.
@Suite struct KeyConfusionTests {
  /// A report whose first run answers ten items of C major and ten of A minor.
  private func report(_ answers: [String], _ truth: [String]) -> ComparisonReport {
    var report = ReportSample.report
    let names = Set(answers + truth).sorted()
    func numbers(_ keys: [String]) -> [Int32] { keys.map { Int32(names.firstIndex(of: $0)!) } }
    let place = report.probes.firstIndex {
      $0.task == "key" && $0.model == "mert-nano" && $0.kind == .pretrained
    }!
    report.probes[place].answers = ItemAnswers(
      [numbers(answers), numbers(answers)], to: numbers(truth), among: names)
    return report
  }

  @Test func kindsAreCounted() {
    let answers = [
      "C major", "C major", "G major", "F major", "A minor", "C minor", "D major", "E minor",
    ]
    let page = report(
      answers + ["A minor", "E minor"],
      [String](repeating: "C major", count: 8) + ["A minor", "A minor"])
    // Of ten: right 3, fifth above 2 (G for C, e for a), below 1, relative 1, parallel 1, other 2 (D and e for C).
    #expect(page.markdown.contains("| mert-nano | 30.0 | 20.0 | 10.0 | 10.0 | 10.0 | 20.0 |"))
    #expect(page.html.components(separatedBy: #"class="chart keys"#).count == 2)
    // Seven different answers to C major, two to A minor.
    #expect(page.html.components(separatedBy: #"class="cell""#).count == 1 + 7 + 2)
    #expect(firstUnbalancedTag(in: page.html) == nil)
  }

  /// The answers of the others would look like those of all.
  @Test func aRecipeWithAStoppedTrainingHasNone() {
    var report = report(["C major", "G major"], ["C major", "C major"])
    let place = report.runs.firstIndex { $0.name == "mert-nano" }!
    report.runs[place].trainings[0].stopped = "collapsed"
    #expect(!report.html.contains("id=\"keys\"") && !report.markdown.contains("fifth above"))
  }

  @Test func spellingsOfOneKeyAreOne() {
    let page = report(["Db major", "C# minor"], ["C# major", "E major"])
    #expect(page.markdown.contains("| mert-nano | 50.0 | 0.0 | 0.0 | 50.0 | 0.0 | 0.0 |"))
  }

  @Test func otherClassesHaveNone() {
    let page = report(["piano", "organ"], ["piano", "piano"])
    #expect(!page.html.contains("id=\"keys\"") && !page.markdown.contains("fifth above"))
    #expect(!ReportSample.report.html.contains("id=\"keys\""))
  }

  @Test func answersAreReadAsTheyWereWritten() throws {
    let report = report(["C major", "G major"], ["C major", "D minor"])
    #expect(try ComparisonReport(json: report.json) == report)
    let text = String(decoding: try report.json, as: UTF8.self)
    #expect(text.contains(#""truth" : "0 1""#))
    let damaged = text.replacing(#""truth" : "0 1""#, with: #""truth" : "0 7""#)
    #expect(throws: DecodingError.self) { try ComparisonReport(json: Data(damaged.utf8)) }
    let short = text.replacing(#""truth" : "0 1""#, with: #""truth" : "0""#)
    #expect(throws: DecodingError.self) { try ComparisonReport(json: Data(short.utf8)) }
  }
}
