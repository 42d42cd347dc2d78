import Pretrain
import Train

/// The page of one run.
struct RunPage {
  let report: RunReport

  private var run: RunSummary { report.run }

  var markup: Markup {
    .page(title: run.name, top: [header], [sounds, measures, curves, settings, leftOut, making])
  }

  private var header: Markup {
    let work = report.work.last
    let machine = work.map {
      "\($0.cpu), \(Wording.count($0.threads, "thread")) · \(ComparisonReport.Origin($0).program)"
    }
    let date = work.map { "begun \(Wording.date($0.date)) · " } ?? ""
    return """
      <header>
      <h1>\(run.name)</h1>
      <p class="soft">\(date)\(machine ?? "") · \(run.facts)</p>
      \(stops)
      \(ReportNotes.music([run]).map { sentence -> Markup in "<p>\(sentence)</p>" })
      </header>
      """
  }

  /// Why the training cannot go on, if it collapsed or diverged.
  private var stops: [Markup] {
    run.stopped.map { training in
      let what =
        "\(training.ending?.rawValue ?? "stopped") at step \(Wording.grouped(training.steps))"
      return "<p>The training <strong>\(what)</strong>: \(training.stopped ?? "").</p>"
    }
  }

  private var sounds: Markup { report.sounds.map { SoundSection(sounds: $0).markup } ?? .empty }

  private var measures: Markup {
    guard let latest = report.checkpoints.last else { return .empty }
    return """
      <section aria-labelledby="measures">
      <h2 id="measures">How well it reconstructs after \(Wording.count(latest.step, "step"))</h2>
      <p>Measured on excerpts of the music that it is trained on.</p>
      \(CodecTable(latest.measures).markup)
      \(courses)
      </section>
      """
  }

  /// The measures of all codebooks over the checkpoints; nothing of a single one.
  private var courses: Markup {
    guard report.checkpoints.count > 1 else { return .empty }
    let charts = [
      chart("bitrate efficiency") { $0.bitrateEfficiency },
      chart("SI-SDR in dB") { $0.signalToDistortion },
      chart("log-mel distance") { $0.logMelDistance },
    ]
    return #"<div class="charts run-0">\#(charts)</div>"#
  }

  private func chart(_ title: String, _ value: (CodecMeasures.Row) -> Double?) -> Markup {
    var (steps, values) = ([Int](), [Double]())
    for checkpoint in report.checkpoints {
      guard let value = checkpoint.measures.rows.last.flatMap(value) else { continue }
      steps.append(checkpoint.step)
      values.append(value)
    }
    return LossChart(title: title, steps: steps, values: values).markup
  }

  private var curves: Markup {
    guard !run.log.isEmpty else { return .empty }
    return """
      <section aria-labelledby="curves">
      <h2 id="curves">How the losses went</h2>
      <p>\(ReportNotes.curves)</p>
      <div class="run-0">
      \(run.charts)
      </div>
      </section>
      """
  }

  private var settings: Markup {
    """
    <section aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    \(SettingsTable.folded(SettingsTable([run]).rows, title: "of the run"))
    </section>
    """
  }

  private var leftOut: Markup {
    """
    <section aria-labelledby="left-out">
    <h2 id="left-out">Left out of the data</h2>
    \(LeftOut([run]).markup)
    </section>
    """
  }

  private var making: Markup {
    guard !report.work.isEmpty else { return .empty }
    return """
      <section aria-labelledby="making">
      <h2 id="making">How it was made</h2>
      \(WorkTable(report).folded)
      </section>
      """
  }
}
