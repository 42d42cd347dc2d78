import Evaluate
import Testing

/// Contenders with one encoder have the same random initialisations, which a report shows once.
@Suite struct SharedInitialisationTests {
  /// The first two runs with the random initialisations of the first.
  private static let shared: ComparisonReport = {
    var report = ReportSample.report
    let names = report.runs.map(\.name)
    let first = report.probes.filter { $0.kind == .randomInitialisation && $0.model == names[0] }
    report.probes.removeAll { $0.kind == .randomInitialisation && $0.model == names[1] }
    report.probes += first.map { result in
      var copy = result
      copy.model = names[1]
      return copy
    }
    return report
  }()

  @Test func sharedOnesStandOnce() {
    let report = Self.shared
    let names = report.runs.map(\.name)
    #expect(report.html.ranges(of: ">random initialisation of runs 1 and 2<").count == 1)
    #expect(report.html.ranges(of: ">its random initialisation<").count == names.count - 2)
    #expect(
      report.markdown.ranges(of: "\(names[0]), \(names[1]), random initialisation").count == 1)
    #expect(!report.markdown.contains("| \(names[1]), random initialisation"))
  }

  @Test func ownOnesStandWithTheirRun() {
    let report = ReportSample.report
    #expect(
      report.html.ranges(of: ">its random initialisation<").count == report.runs.count)
  }
}
