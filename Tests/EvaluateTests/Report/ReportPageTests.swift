import Audio
import Evaluate
import Foundation
import Testing
import Train

@Suite struct ReportPageTests {
  /// Text that would break out of elements, attributes, tables and code if it were let through.
  static let hostile = "\"><script>alert(1)</script>'\u{0301}\"\u{0301} | `x` **b** \u{202E}gpj\n#"

  static var hostileReport: ComparisonReport {
    var report = ReportSample.report
    report.title = hostile
    report.machine.cpu = hostile
    report.commands = [hostile]
    report.method = [hostile]
    report.runs[0].name = hostile
    report.runs[0].recipe = [.init(path: hostile, value: hostile)]
    report.runs[0].skipped = [.init(path: hostile, reason: hostile)]
    report.runs[0].log = [StepRecord(step: 1, loss: 1, terms: [hostile: 1, "b": 2])]
    report.runs[0].trainings[0].stopped = hostile
    report.probed = ProbedMusic(
      folder: hostile, tasks: [hostile], pieces: 12,
      skipped: [.init(path: hostile, reason: hostile)], heard: [hostile: 3])
    report.probes.append(
      ProbeResult(
        model: hostile, kind: .pretrained, task: hostile, metric: .accuracy, chance: 0.1,
        scores: [0.2, 0.3],
        repeats: .weights))
    return report
  }

  @Test(arguments: [ReportSample.report, hostileReport, ReportSample.bare])
  func everyElementIsClosedInOrder(report: ComparisonReport) {
    #expect(firstUnbalancedTag(in: report.html) == nil)
  }

  @Test func hostileTextStaysText() {
    let page = Self.hostileReport.html
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(1)"))
    #expect(!page.unicodeScalars.contains("\u{202E}"))
    #expect(page.contains(#"\u{202E}gpj"#))
  }

  /// An accent joins the quotation mark to one character, but a browser still ends the attribute.
  @Test func quotationMarksWithAccentsAreEscaped() {
    var report = ReportSample.report
    report.runs[0].log = [StepRecord(step: 1, loss: 1, terms: ["\"\u{0301}": 1, "b": 2])]
    #expect(report.html.unicodeScalars.contains("\u{0301}"))
    #expect(report.html.contains("aria-label=\"&quot;\u{0301}"))
  }

  @Test func nothingIsFetched() {
    let page = ReportSample.report.html
    for word in ["http:", "https:", "//", "src=", "@import", "url(", "<script", "<link"] {
      #expect(!page.contains(word), "the page holds \(word)")
    }
  }

  @Test func onlyDifferingSettingsAreOpen() throws {
    let page = ReportSample.report.html
    let section = try #require(page.components(separatedBy: "<h2 id=\"settings\">").last)
    let fold = try #require(section.range(of: "<details>"))
    let open = section[..<fold.lowerBound]
    let folded = section[fold.upperBound...]
    #expect(open.contains("mask.spanFrames") && !folded.contains("mask.spanFrames"))
    #expect(!open.contains("encoder.width") && folded.contains("encoder.width"))
  }

  @Test func gainsOutsideTheIntervalsAreMarked() {
    let page = ReportSample.report.html
    #expect(page.contains(#"▲</span><span class="spoken">better:</span> +21.0 points"#))
    #expect(page.contains(#"▼</span><span class="spoken">worse:</span> −5.6 points"#))
    #expect(page.contains("−2.0 points, inside the intervals"))
    #expect(page.contains("71.0\u{00A0}±\u{00A0}1.9"))
  }

  @Test func filesLeftOutAreListedOnce() {
    let page = ReportSample.report.html
    #expect(page.components(separatedBy: "corpus/empty.wav").count == 2)
    #expect(page.contains("2 files could not be used"))
    #expect(ReportSample.bare.html.contains("every file could be used"))
  }

  /// A curve with a hole is drawn in two strokes; one without any finite value says so.
  @Test func curvesSurviveWhatIsNotANumber() {
    var report = ReportSample.report
    report.runs = [report.runs[1]]
    report.runs[0].log[30].loss = .nan
    #expect(
      report.html.components(separatedBy: "class=\"raw\" d=\"M")[1].prefix { $0 != "\"" }
        .contains("M"))
    report.runs[0].log = report.runs[0].log.map { StepRecord(step: $0.step, loss: .nan) }
    #expect(report.html.contains("no finite value"))
    #expect(!report.html.contains(/\bnan\b/))
  }

  /// Beside the loss and the term of the same name; a probe has a chart of its own.
  @Test func heldOutLossesAndProbesAreDrawn() throws {
    var report = ReportSample.report
    report.runs = report.runs.filter { $0.log[0].terms.count > 1 }.suffix(1)
    let term = try #require(report.runs[0].log[0].terms.keys.sorted().first)
    #expect(!report.html.contains("class=\"held-out\""))
    let charts = report.html.components(separatedBy: "<figure class=\"chart\">").count
    report.runs[0].validations = [200, 400, 700].map {
      ValidationRecord(step: $0, loss: 99, terms: [term: 1], crops: 8)
    }
    report.runs[0].probes = [350, 700].map { ProbeRecord(step: $0, probe: ["pitch": 0.25]) }
    let html = report.html
    #expect(html.components(separatedBy: "class=\"held-out\" d=\"M").count == 3)
    #expect(html.contains("held out 99"))
    #expect(html.components(separatedBy: "<figure class=\"chart\">").count == charts + 1)
    #expect(html.contains("probe of pitch"))
  }

  /// Of a log too long to draw whole, a single high value is still seen: it sets the axis, and a
  /// stroke reaches up to it.
  @Test func aSpikeInALongLogIsDrawn() throws {
    var report = ReportSample.report
    report.runs = [report.runs[1]]
    report.runs[0].log = (1...5000).map { StepRecord(step: $0, loss: $0 == 2500 ? 8 : 1) }
    let path = try #require(
      report.html.components(separatedBy: "class=\"raw\" d=\"").dropFirst().first)
    let heights = path.prefix { $0 != "\"" }.split(separator: "L")
      .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    #expect(heights.count < 600)
    #expect(heights.filter { $0 < 20 }.count == 1)
  }
}

/// The first tag that closes what was not open, or was left open; attributes hold no `>` here,
/// since it is escaped.
func firstUnbalancedTag(in page: String) -> String? {
  let void: Set = ["!DOCTYPE", "meta"]
  var open: [String] = []
  for piece in page.split(separator: "<").dropFirst() where !page.isEmpty {
    let tag = piece.prefix { $0 != ">" }
    let name = String(tag.prefix { $0 != " " && $0 != "\n" })
    if tag.hasSuffix("/") || void.contains(name) { continue }
    if !name.hasPrefix("/") {
      open.append(name)
    } else if open.popLast() != String(name.dropFirst()) {
      return name
    }
  }
  return open.last
}
