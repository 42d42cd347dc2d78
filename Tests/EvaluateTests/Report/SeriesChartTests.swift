import Evaluate
import Foundation
import Testing
import Train

/// Twelve runs in one chart.
@Suite struct SeriesChartTests {
  private var report: ComparisonReport {
    var report = ReportSample.bare
    for number in 1...12 {
      var run = ReportSample.run("run \(number)")
      run.log = (1...20).map { StepRecord(step: $0, loss: 1 + Float(number) / 1000) }
      report.runs.append(run)
    }
    return report
  }

  /// All end at one height, and still every number can be read: none is nearer than ten to another.
  @Test func numbersKeepApart() throws {
    let page = report.html
    let chart = try #require(
      page.components(separatedBy: #"class="chart curve""#).dropFirst().first)
    let numbers = chart.components(separatedBy: #"<text class="number""#).dropFirst().map { text in
      (
        number: text.split(separator: ">")[1].prefix { $0 != "<" },
        y: Double(text.components(separatedBy: "y=\"")[1].prefix { $0 != "\"" })!
      )
    }
    #expect(Set(numbers.map(\.number)).count == 12)
    let heights = numbers.map(\.y).sorted()
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 > 10 })
    #expect(heights[0] >= 10 && heights[11] <= 290)
  }

  /// The margin holds five digits; what needs more has an exponent.
  @Test(
    arguments: [
      (2_500_000, ["0", "1e6", "2e6", "3e6"]),
      (0.0002, ["0", "5e-5", "1.0e-4", "1.5e-4"]),
      (40_000, ["0", "10\u{00A0}000", "40\u{00A0}000"]),
    ] as [(Float, [String])])
  func numbersFitBesideAChart(largest: Float, labels: [String]) {
    var report = ReportSample.bare
    var run = ReportSample.run("run")
    run.log = (0...20).map { StepRecord(step: $0 + 1, loss: largest * Float($0) / 20) }
    report.runs = [run]
    let ticks = report.html.components(separatedBy: #"<text class="tick end""#).dropFirst().map {
      String($0.split(separator: ">")[1].prefix { $0 != "<" })
    }
    for label in labels { #expect(ticks.contains(label), "\(ticks)") }
    #expect(ticks.allSatisfy { $0.count <= 6 })
  }

  /// The seventh run has the colour of the first, and another dash.
  @Test func coloursComeAgainWithADash() {
    #expect(report.html.contains(#"class="card run-0 dash-1""#))
    #expect(report.html.contains(#"class="card run-5 dash-1""#))
    #expect(!report.html.contains("dash-2\""))
  }

  @Test func cardsAreFoldedWhereTheyAreMany() {
    #expect(report.html.components(separatedBy: "<summary>In words").count == 1 + 12)
    #expect(report.html.contains(#"In words<span class="spoken">: run 7</span></summary>"#))
    #expect(!ReportSample.report.html.contains("<summary>In words"))
  }

  @Test func linksLeadToTheSections() {
    let page = ReportSample.report.html
    let links = page.components(separatedBy: "<a href=\"#").dropFirst().map {
      $0.prefix { $0 != "\"" }
    }
    #expect(links.count >= 5)
    for link in links { #expect(page.contains("<h2 id=\"\(link)\">")) }
    #expect(page.components(separatedBy: "<h2 id=").count == 1 + links.count)
  }
}
