import Audio
import Settings

/// The report as one HTML page that needs nothing but itself: no script, no font, no request.
struct Page {
  let report: ComparisonReport

  var markup: Markup {
    .page(
      title: report.title,
      [
        header, verdicts, ProbeSection(report: report).markup,
        DifferenceSection(report: report).markup, CourseSection(report: report).markup,
        CurveSection(report: report).markup,
        SettingsSection(report: report).markup, leftOut, making,
      ])
  }

  private var header: Markup {
    """
    <header>
    <h1>\(report.title)</h1>
    <p class="soft">\(Wording.date(report.date)) · \(Wording.duration(report.seconds)) of
    training and probes ·
    \(report.machine.cpu), \(Wording.count(report.machine.cores, "core")) ·
    Etude \(report.machine.etudeVersion)</p>
    </header>
    """
  }

  private var verdicts: Markup {
    let cards = report.runs.enumerated().map { index, run in verdict(run, colour: index) }
    return """
      <section aria-labelledby="verdict">
      <h2 id="verdict">What each model learned</h2>
      <div class="cards">
      \(cards)
      </div>
      </section>
      """
  }

  private func verdict(_ run: RunSummary, colour: Int) -> Markup {
    let verdict = Verdict(report: report, run: run)
    let chips = report.outcomes(of: run.name).map { outcome -> Markup in
      let gain = outcome.gain.map { " \(outcome.metric.unit.difference($0))" } ?? ""
      let tick = outcome.judgement == .learned ? " ✓" : ""
      return #"<li class="\#(outcome.judgement.rawValue)">\#(outcome.task + gain + tick)</li>"#
    }
    return """
      <article class="card run-\(colour % Palette.count)">
      <h3>\(run.name)</h3>
      <p class="facts">\(verdict.headline)</p>
      <p class="soft small facts">\(run.facts)</p>
      \(chips.isEmpty ? .empty : #"<ul class="chips">\#(chips)</ul>"#)
      \(verdict.sentences.map { sentence -> Markup in "<p>\(sentence)</p>" })
      </article>
      """
  }

  private var leftOut: Markup {
    let probed = report.probed.map(LeftOut.init)
    return """
      <section aria-labelledby="left-out">
      <h2 id="left-out">Left out of the data</h2>
      \(LeftOut(report.runs).markup)
      \(probed.map { $0.files.isEmpty ? .empty : $0.markup } ?? .empty)
      </section>
      """
  }

  private var making: Markup {
    let method = report.method.map { sentence -> Markup in "<p>\(sentence)</p>" }
    return """
      <section aria-labelledby="making">
      <h2 id="making">How these numbers were made</h2>
      \(method)
      \(ReportNotes.rule(report).map { sentence -> Markup in "<p>\(sentence)</p>" })
      <pre><code>\(report.commands.joined(separator: "\n").htmlLines)</code></pre>
      </section>
      """
  }
}

extension String {
  /// Escaped line by line, the line ends kept.
  fileprivate var htmlLines: Markup {
    Markup(
      stringLiteral: split(separator: "\n").map { String($0).escapedForHTML }.joined(
        separator: "\n"))
  }
}
