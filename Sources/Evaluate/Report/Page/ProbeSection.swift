/// The probe table and a chart for each task.
struct ProbeSection {
  let report: ComparisonReport

  /// Nil if nothing was probed.
  var section: PageSection? {
    guard !report.probes.isEmpty else { return nil }
    return PageSection(
      id: "probes", title: "What the frozen features can tell",
      body: """
        \(notes.map { sentence -> Markup in "<p>\(sentence)</p>" })
        \(table)
        \(ranks)
        \(legend)
        <div class="charts">
        \(report.tasks.compactMap(chart))
        </div>
        """)
  }

  private func chart(of task: String) -> Markup? {
    report.metric(of: task).map { ProbeChart(report: report, task: task, metric: $0).markup }
  }

  private var notes: [String] {
    [ReportNotes.probes(report)]
      + [(ReportNotes.music(report.runs) + ReportNotes.heard(report)).joined(separator: " ")]
      + ReportNotes.intervals(report)
  }

  private var table: Markup {
    let tasks = report.tasks.map { task -> Markup in #"<th scope="col">\#(task)</th>"# }
    return """
      <div class="scroll" role="region" aria-label="Probe table" tabindex="0">
      <table>
      <caption>\(report.metricNames.capitalisedFirst) of probes on frozen features</caption>
      <thead><tr><th scope="col">model</th>\(tasks)</tr></thead>
      \(report.runs.indices.map(rows))
      \(plainRows)
      </table>
      </div>
      """
  }

  private func rows(of place: Int) -> Markup {
    let (run, style) = (report.runs[place], RunStyle(index: place))
    let pretrained = report.tasks.map { pretrainedCell(run.name, $0) }
    return """
      <tbody class="group \(style.classes)">
      <tr><th scope="row">\(style.swatch)<strong>\(run.name)</strong>
      <small>pre-trained</small></th>\(pretrained)</tr>
      \(randomRow(of: place))
      </tbody>
      """
  }

  /// Runs of one encoder share their random initialisations, which stand once.
  private func randomRow(of place: Int) -> Markup {
    let runs = report.runs(sharingInitialisationOf: place)
    guard runs.isEmpty || runs[0] == place else { return .empty }
    let cells = report.tasks.map {
      cell(report.probe(report.runs[place].name, .randomInitialisation, on: $0))
    }
    let name: Markup =
      runs.count > 1
      ? "random initialisation of \(Wording.runs(runs.map { $0 + 1 }))"
      : "\(Markup.spoken("\(report.runs[place].name): "))its random initialisation"
    return #"<tr><th scope="row"><small>\#(name)</small></th>\#(cells)</tr>"#
  }

  private var plainRows: Markup {
    let chances = report.tasks.map { task -> Markup in
      "<td>\(report.chanceCell(of: task))</td>"
    }
    return """
      \(report.statistics.isEmpty ? .empty : statisticsRows)
      <tbody>
      <tr><th scope="row">chance</th>\(chances)</tr>
      </tbody>
      """
  }

  private var statisticsRows: Markup {
    let rows = report.statistics.map { name -> Markup in
      let cells = report.tasks.map { cell(report.probe(name, .statistics, on: $0)) }
      return #"<tr><th scope="row"><small>\#(name)</small></th>\#(cells)</tr>"#
    }
    return """
      <tbody class="group">
      <tr><th scope="rowgroup" colspan="\(report.tasks.count + 1)">hand-made, no model</th></tr>
      \(rows)
      </tbody>
      """
  }

  private func cell(_ result: ProbeResult?) -> Markup {
    guard let result else { return #"<td class="absent">not probed</td>"# }
    let score: Markup = "\(report.score(of: result))"
    return report.isBestStatistics(result)
      ? "<td><strong>\(score)</strong>\(Markup.spoken(", the best"))</td>"
      : "<td>\(score)\(layer(result))</td>"
  }

  private func pretrainedCell(_ model: String, _ task: String) -> Markup {
    guard let result = report.probe(model, .pretrained, on: task),
      let outcome = report.outcome(of: model, on: task)
    else {
      let reason = report.isStopped(model, on: task) ? "stopped" : "not probed"
      return #"<td class="absent">\#(reason)</td>"#
    }
    return """
      <td class="\(outcome.judgement.rawValue)"><strong>\(report.score(of: result))</strong>\
      \(layer(result))<small class="mark">\(outcome.markup)</small></td>
      """
  }

  private func layer(_ result: ProbeResult) -> Markup {
    result.layer.map { "\u{00A0}<span class=\"layer\">layer \($0)</span>" } ?? .empty
  }

  private var legend: Markup {
    """
    <ul class="legend">
    <li>\(sample(#"<circle class="full" cx="13" cy="7" r="4.5"/>"#))pre-trained</li>
    <li>\(sample(#"<circle class="hollow" cx="13" cy="7" r="4"/>"#))random initialisation</li>
    <li>\(sample(#"<path class="hollow" d="M8 7l5 -5l5 5l-5 5z"/>"#))hand-made statistics, no model; dotted: the best of them</li>
    <li>\(sample(#"<line class="interval" x1="2" x2="24" y1="7" y2="7"/>"#))95 % interval of several trainings or initialisations</li>
    <li>\(sample(#"<line class="interval folds" x1="2" x2="24" y1="7" y2="7"/>"#))of one model</li>
    <li>\(sample(#"<line class="seed" x1="13" x2="13" y1="2" y2="12"/>"#))one seed</li>
    <li>\(sample(#"<line class="chance" x1="0" x2="26" y1="7" y2="7"/>"#))guessing</li>
    </ul>
    """
  }

  private func sample(_ drawing: Markup) -> Markup {
    #"<svg class="plain" viewBox="0 0 26 14" aria-hidden="true">\#(drawing)</svg>"#
  }
}

extension ComparisonReport {
  /// `75.2 ± 3.1`; one by one where a training of the recipe was stopped, `75.2, 71.0`.
  func score(of result: ProbeResult) -> String {
    let unit = result.metric.unit
    return isComplete(result)
      ? unit.number(result.interval)
      : result.scores.map { unit.number($0) }.joined(separator: ", ")
  }

  /// Whether a model has no result on a task because its trainings were stopped.
  func isStopped(_ model: String, on task: String) -> Bool {
    probe(model, .pretrained, on: task) == nil && run(model)?.stopped.isEmpty == false
  }

  /// Whether no training behind a result is missing.
  func isComplete(_ result: ProbeResult) -> Bool {
    result.kind != .pretrained || run(result.model)?.stopped.isEmpty ?? true
  }
}

extension TaskOutcome {
  /// The outcome in a table's cell: `▲ +25.2 points`, `▲ +25.2 points, beats hand-made`.
  var mark: String { direction.sign(before: words) }

  /// The same on a page.
  var markup: Markup { direction.markup(before: words) }

  /// What ends the outcome's label on a card.
  var tick: Markup {
    switch direction {
    case .better: .sign("✓", spoken: "learned")
    case .worse: .sign("▼", spoken: "worse")
    case nil: .empty
    }
  }

  private var direction: Direction? {
    judgement == .learned ? .better : judgement == .worse ? .worse : nil
  }

  private var words: String { against + (standing == .better ? ", beats hand-made" : "") }

  /// The outcome against the random initialisation.
  private var against: String {
    let points = gain.map { metric.unit.differenceText($0) } ?? ""
    return switch judgement {
    case .learned, .worse: points
    case .smallGain, .smallLoss: "\(points), too little to count"
    case .withinIntervals: "\(points), inside the intervals"
    case .trainedOnce: gain == nil ? "not judged" : "\(points), not judged"
    case .stopped: "a training was stopped"
    case .notComparable: "not comparable"
    }
  }
}
