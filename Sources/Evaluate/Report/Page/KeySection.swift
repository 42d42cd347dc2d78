/// The wrong answers to keys: a table of their kinds, and a square on the circle of fifths for each trained model.
struct KeySection {
  let report: ComparisonReport

  /// Nil if no task asks for keys.
  var section: PageSection? {
    let tables = report.tasks.map { (task: $0, table: KeyTable(report, task: $0)) }
      .filter { !$0.table.rows.isEmpty }
    guard !tables.isEmpty else { return nil }
    return PageSection(
      id: "keys", title: "Which keys are taken for which",
      body: """
        <p>\(KeyTable.note)</p>
        \(tables.map { part($0.task, $0.table) })
        """)
  }

  private func part(_ task: String, _ table: KeyTable) -> Markup {
    let charts = table.rows.compactMap { row in
      row.run.map { KeyChart(style: RunStyle(index: $0), row: row).markup }
    }
    return """
      \(markup(task, table))
      <p>Rows: the right key; columns: the answer; both by fifths, small letters are minor keys. The stronger the colour of a
      square, the more of its row. Beside the diagonal lie fifths, on the diagonals of the two other quarters relatives.</p>
      <div class="charts">
      \(charts)
      </div>
      """
  }

  private func markup(_ task: String, _ table: KeyTable) -> Markup {
    let heads = KeyTable.heads.map { head -> Markup in #"<th scope="col">\#(head)</th>"# }
    return """
      <div class="scroll" role="region" aria-label="Answers to \(task)" tabindex="0">
      <table>
      <caption>Answers to \(task) by kind, in %</caption>
      <thead><tr><th scope="col">model</th>\(heads)</tr></thead>
      <tbody>
      \(table.rows.map(row))
      </tbody>
      </table>
      </div>
      """
  }

  private func row(_ row: KeyTable.Row) -> Markup {
    let cells = row.cells.map { cell -> Markup in "<td>\(cell)</td>" }
    let style = row.run.map { RunStyle(index: $0) }
    let name: Markup = style.map { "\($0.swatch)\(row.name)" } ?? "<small>\(row.name)</small>"
    return #"<tr class="\#(style?.classes ?? .empty)"><th scope="row">\#(name)</th>\#(cells)</tr>"#
  }
}

/// The answers of one model as a square of 24 keys by 24.
private struct KeyChart {
  let style: RunStyle
  let row: KeyTable.Row

  private static let (left, top, cell) = (28.0, 26.0, 13.0)
  private var side: Double { 24 * Self.cell }

  var markup: Markup {
    """
    <figure class="chart keys \(style.classes)">
    <figcaption>\(style.swatch)\(row.name)</figcaption>
    <svg viewBox="0 0 \(Self.left + side + 8) \(Self.top + side + 8)" role="img" aria-label="\(description)">
    \(names)
    \(cells)
    \(lines)
    </svg>
    </figure>
    """
  }

  private var description: String {
    let parts = zip(KeyTable.heads, row.cells).map { "\($0) \($1)%" }
    return "Answers of \(row.name) by key: " + parts.joined(separator: ", ")
  }

  private func place(_ key: Int) -> Double { Double(key) * Self.cell }

  private var names: [Markup] {
    KeyConfusion.keys.enumerated().map { index, key in
      let (middle, name) = (place(index) + Self.cell / 2, KeyConfusion.name(key))
      return """
        <text class="key middle" x="\(Self.left + middle)" y="\(Self.top - 6)">\(name)</text>
        <text class="key end" x="\(Self.left - 5)" y="\(Self.top + middle + 3)">\(name)</text>
        """
    }
  }

  private var cells: [Markup] {
    row.confusion.counts.enumerated().flatMap { right, counts in
      let all = Double(counts.reduce(0, +))
      return counts.enumerated().filter { $0.element > 0 }.map { answer, count in
        square(right, answer, share: Double(count) / all)
      }
    }
  }

  private func square(_ right: Int, _ answer: Int, share: Double) -> Markup {
    """
    <rect class="cell" x="\(Self.left + place(answer))" y="\(Self.top + place(right))" width="13" height="13" \
    fill-opacity="\(Wording.fixed(0.08 + 0.92 * share, 2))"/>
    """
  }

  /// The frame, and the border of major and minor keys.
  private var lines: Markup {
    let (middle, end) = (place(12), side)
    return """
      <rect class="frame" x="\(Self.left)" y="\(Self.top)" width="\(end)" height="\(end)"/>
      <path class="frame" d="M\(Self.left) \(Self.top + middle)h\(end)M\(Self.left + middle) \(Self.top)v\(end)"/>
      """
  }
}
