/// The score of each layer, a chart for each task.
struct LayerSection {
  let report: ComparisonReport

  /// Nil if the layers' scores are not known, as in older reports.
  var section: PageSection? {
    let charts = report.tasks.compactMap(chart)
    guard !charts.isEmpty else { return nil }
    return PageSection(
      id: "layers", title: "What each layer holds",
      body: """
        <p>\(ReportNotes.layers)</p>
        \(RunLegend(report: report).markup)
        <div class="charts">
        \(charts)
        </div>
        <details class="aside">
        <summary>The numbers</summary>
        \(report.tasks.map(table))
        </details>
        """)
  }

  private func chart(of task: String) -> Markup? {
    let profiles = LayerProfile.all(in: report, on: task)
    guard let metric = report.metric(of: task), !profiles.isEmpty else { return nil }
    return SeriesChart(
      kind: "layers", title: task, description: description(task, metric, profiles),
      xTitle: "layer", series: profiles.map(series), levels: report.chanceLevel(on: task),
      spread: .band, hasWholeSteps: true
    ).markup
  }

  private func series(_ profile: LayerProfile) -> SeriesChart.Series {
    let factor = profile.result.metric.unit.factor
    return SeriesChart.Series(
      run: profile.run,
      points: profile.layers.map { layer in
        let scores = layer.scores.map { factor * $0 }
        return .init(
          x: Double(layer.layer), y: factor * layer.mean, ends: scores.min()!...scores.max()!,
          hasDot: layer.layer == profile.result.layer)
      })
  }

  private func description(
    _ task: String, _ metric: Metric, _ profiles: [LayerProfile]
  ) -> String {
    let parts = profiles.map { profile in
      let best = profile.layers.max { metric.isBetter($1.mean, than: $0.mean) }!
      return "\(report.runs[profile.run].name) \(metric.unit.number(best.mean))"
        + " at layer \(best.layer)"
    }
    return "\(metric.title.capitalisedFirst) on \(task) by layer, each model at its best: "
      + parts.joined(separator: "; ")
  }

  private func table(of task: String) -> Markup {
    let profiles = LayerProfile.all(in: report, on: task)
    guard let count = profiles.map(\.layers.count).max() else { return .empty }
    let heads = (0..<count).map { layer -> Markup in #"<th scope="col">\#(layer)</th>"# }
    let rows = profiles.map { profile -> Markup in
      let cells = profile.cells.map { cell -> Markup in "<td>\(cell)</td>" }
      return #"<tr><th scope="row">\#(report.runs[profile.run].name)</th>\#(cells)</tr>"#
    }
    return """
      <div class="scroll" role="region" aria-label="\(task) by layer" tabindex="0">
      <table>
      <caption>\(task) by layer</caption>
      <thead><tr><th scope="col">\(task) by layer</th>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      """
  }
}
