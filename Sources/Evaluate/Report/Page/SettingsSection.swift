/// The configurations side by side: what differs, and folded what does not.
struct SettingsSection {
  let report: ComparisonReport

  /// Nil if no run has settings.
  var section: PageSection? {
    let settings = SettingsTable(report.runs)
    guard !settings.rows.isEmpty else { return nil }
    return PageSection(
      id: "settings", title: "What differs in the configurations",
      body: """
        \(differing(settings.differing))
        \(common(settings.common))
        """)
  }

  private func differing(_ rows: [SettingsTable.Row]) -> Markup {
    guard !rows.isEmpty else {
      return report.runs.count > 1 ? "<p>Nothing.</p>" : "<p>There is one run only.</p>"
    }
    let heads = report.runs.enumerated().map { index, run -> Markup in
      let style = RunStyle(index: index)
      return #"<th scope="col" class="\#(style.classes)">\#(style.swatch)\#(run.name)</th>"#
    }
    return SettingsTable.table(
      "Settings that differ between the runs", heads: heads, rows: rows.map(row))
  }

  private func row(_ row: SettingsTable.Row) -> Markup {
    let values = row.values.map { value -> Markup in
      value.map { "<td><code>\($0)</code></td>" } ?? .noValue
    }
    return #"<tr><th scope="row"><code>\#(row.path)</code></th>\#(values)</tr>"#
  }

  private func common(_ rows: [SettingsTable.Row]) -> Markup {
    SettingsTable.folded(
      rows, title: report.runs.count > 1 ? "that all runs share" : "of the run")
  }
}

extension SettingsTable {
  /// Settings that all runs share, folded; nothing if there are none.
  static func folded(_ rows: [Row], title: String) -> Markup {
    guard !rows.isEmpty else { return .empty }
    let lines = rows.map { row -> Markup in
      """
      <tr><th scope="row"><code>\(row.path)</code></th>\
      <td><code>\(row.values.first.flatMap(\.self) ?? "–")</code></td></tr>
      """
    }
    let value: Markup = #"<th scope="col">value</th>"#
    return """
      <details>
      <summary>\(Wording.count(rows.count, "setting")) \(title)</summary>
      \(table("Settings \(title)", heads: [value], rows: lines))
      </details>
      """
  }

  static func table(_ title: String, heads: [Markup], rows: [Markup]) -> Markup {
    """
    <div class="scroll" role="region" aria-label="\(title)" tabindex="0">
    <table>
    <caption>\(title)</caption>
    <thead><tr><th scope="col">setting</th>\(heads)</tr></thead>
    <tbody>
    \(rows)
    </tbody>
    </table>
    </div>
    """
  }
}
