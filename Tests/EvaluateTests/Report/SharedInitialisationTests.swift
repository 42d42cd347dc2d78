import Evaluate
import Testing

/// Contenders with one encoder have the same random initialisations, which a report shows once.
@Suite struct SharedInitialisationTests {
  /// Three runs, of which so many have the random initialisations of the first.
  private func report(sharing count: Int) -> ComparisonReport {
    var report = ReportSample.report
    let names = report.runs.map(\.name)
    for place in report.probes.indices
    where report.probes[place].kind == .randomInitialisation {
      let run = names.firstIndex(of: report.probes[place].model) ?? 0
      guard run >= count else { continue }
      report.probes[place].scores = report.probes[place].scores.map { $0 - 0.01 * Double(run) }
    }
    return report
  }

  @Test func sharedOnesStandOnce() {
    let report = report(sharing: 2)
    let names = report.runs.map(\.name)
    #expect(report.html.ranges(of: ">random initialisation of runs 1 and 2<").count == 1)
    #expect(report.html.ranges(of: ">its random initialisation<").count == 1)
    #expect(
      report.markdown.ranges(of: "\(names[0]), \(names[1]), random initialisation").count == 1)
    #expect(!report.markdown.contains("| \(names[1]), random initialisation"))
  }

  @Test func ownOnesStandWithTheirRun() {
    let report = report(sharing: 1)
    #expect(report.html.ranges(of: ">its random initialisation<").count == 3)
    let name = #"<span class="spoken">mert-nano: </span>"#
    #expect(report.html.contains("\(name)its random initialisation<"))
    #expect(report.html.ranges(of: ">random initialisation of runs").isEmpty)
  }
}
