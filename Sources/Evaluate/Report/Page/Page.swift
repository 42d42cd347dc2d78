import Audio
import Settings

/// The report as one HTML page that needs nothing but itself: no script, no font, no request.
struct Page {
  let report: ComparisonReport

  var markup: Markup {
    let sections = sections
    return .page(
      title: report.title, top: [header, sections.contents], sections.map(\.markup))
  }

  private var sections: [PageSection] {
    [
      verdicts, ProbeSection(report: report).section, DifferenceSection(report: report).section,
      EffectSection(report: report).section, PublishedSection(report: report).section,
      CostSection(report: report).section, CourseSection(report: report).section,
      LayerSection(report: report).section, KeySection(report: report).section,
      TeacherSection(report: report).section, CodecSection(report: report).section,
      CurveSection(report: report).section,
      SettingsSection(report: report).section, leftOut, making,
    ].compactMap(\.self)
  }

  private var header: Markup {
    """
    <header>
    <h1>\(report.title)</h1>
    <p class="soft">\(Wording.date(report.date)) · \(Wording.duration(report.seconds)) of
    training and probes ·
    \(report.machine.cpu), \(Wording.count(report.machine.cores, "core")) ·
    \(report.machine.program)</p>
    </header>
    """
  }

  private var verdicts: PageSection {
    let cards = report.runs.enumerated().map { index, run in verdict(run, RunStyle(index: index)) }
    return PageSection(
      id: "verdict", title: "What each model learned",
      body: """
        <div class="cards">
        \(cards)
        </div>
        """)
  }

  private func verdict(_ run: RunSummary, _ style: RunStyle) -> Markup {
    let verdict = Verdict(report: report, run: run)
    let chips = report.outcomes(of: run.name).map { outcome -> Markup in
      let gain = outcome.gain.map { " \(outcome.metric.unit.difference($0))" } ?? ""
      let name = outcome.task + gain
      return #"<li class="\#(outcome.judgement.rawValue)">\#(name) \#(outcome.tick)</li>"#
    }
    return """
      <article class="card \(style.classes)">
      <h3>\(style.swatch)\(run.name)</h3>
      <p class="facts">\(verdict.headline)</p>
      <p class="soft small facts">\(run.facts)</p>
      \(chips.isEmpty ? .empty : #"<ul class="chips">\#(chips)</ul>"#)
      \(words(verdict))
      </article>
      """
  }

  /// The verdict's sentences; folded where there are so many cards that nobody reads all of them.
  private func words(_ verdict: Verdict) -> Markup {
    let sentences = verdict.sentences.map { sentence -> Markup in "<p>\(sentence)</p>" }
    guard report.runs.count > Self.mostOpenCards else { return "\(sentences)" }
    return """
      <details>
      <summary>In words\(Markup.spoken(": \(verdict.run.name)"))</summary>
      \(sentences)
      </details>
      """
  }

  private static let mostOpenCards = 6

  private var leftOut: PageSection {
    let probed = report.probed.map(LeftOut.init)
    return PageSection(
      id: "left-out", title: "Left out of the data",
      body: """
        \(LeftOut(report.runs).markup)
        \(probed.map { $0.files.isEmpty ? .empty : $0.markup } ?? .empty)
        """)
  }

  private var making: PageSection {
    let method = report.method.map { sentence -> Markup in "<p>\(sentence)</p>" }
    return PageSection(
      id: "making", title: "How these numbers were made",
      body: """
        \(method)
        \(ReportNotes.rule(report).map { sentence -> Markup in "<p>\(sentence)</p>" })
        <p>Beside this page: the same as text (<a href="report.md">report.md</a>), the scores as a table
        (<a href="report.csv">report.csv</a>, for LaTeX <a href="report.tex">report.tex</a>), and all that is drawn in numbers
        (<a href="report.json">report.json</a>).</p>
        \(.commands(report.commands))
        \(WorkTable(report).folded)
        """)
  }
}
