/// What each change of settings did: forest plots, and the numbers as a table.
struct EffectSection {
  let report: ComparisonReport

  /// Nil if no two runs differ in a change alone.
  var section: PageSection? {
    let effects = report.effects
    guard !effects.isEmpty else { return nil }
    let tasks = effects.map(\.task).uniqued()
    return PageSection(
      id: "effects", title: "What each setting does",
      body: """
        <p>\(ReportNotes.effects(report, effects))</p>
        <div class="charts">
        \(tasks.map { task in EffectChart(task: task, effects: effects.filter { $0.task == task }).markup })
        </div>
        \(table(effects, tasks))
        """)
  }

  private func table(_ effects: [SettingEffect], _ tasks: [String]) -> Markup {
    let heads = tasks.map { task -> Markup in #"<th scope="col">\#(task)</th>"# }
    let rows = effects.map(\.change).uniqued().map { change in
      row(change, effects.filter { $0.change == change }, tasks)
    }
    return """
      <div class="scroll" role="region" aria-label="Effects of settings" tabindex="0">
      <table>
      <caption>Effects of settings, in \(report.differenceUnits)</caption>
      <thead><tr><th scope="col">change</th><th scope="col">pairs</th>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      """
  }

  private func row(
    _ change: SettingChange, _ effects: [SettingEffect], _ tasks: [String]
  ) -> Markup {
    let lines = change.settings.map { setting -> Markup in
      "<code>\(setting.path)</code> \(setting.from ?? "–") → \(setting.to ?? "–")"
    }
    let names = lines.map(\.source).joined(separator: "<br/>")
    let pairs = effects[0].pairs.map { $0.joined(separator: " → ") }.joined(separator: "; ")
    let cells = tasks.map { task -> Markup in
      effects.first { $0.task == task }?.paired.markup ?? .noValue
    }
    return """
      <tr><th scope="row">\(Markup(stringLiteral: names))<small>\(pairs)</small></th>\
      <td>\(effects[0].pairs.count)</td>\(cells)</tr>
      """
  }
}

/// The effects on one task as a forest plot: dots with their 95 % intervals beside the line of no effect.
private struct EffectChart {
  let task: String
  let effects: [SettingEffect]

  private static let (left, right) = (10.0, 346.0)
  private static let rowHeight = 33.0

  private var unit: ScoreUnit { effects[0].metric.unit }

  var markup: Markup {
    let bottom = 4 + Double(effects.count) * Self.rowHeight
    let axis = axis
    return """
      <figure class="chart effect">
      <figcaption>\(task)</figcaption>
      <svg viewBox="0 0 360 \(bottom + 40)" role="img" aria-label="\(description)">
      \(grid(axis, bottom))
      \(effects.enumerated().map { row($1, top: 4 + Double($0) * Self.rowHeight, axis) })
      </svg>
      </figure>
      """
  }

  private var description: String {
    let parts = effects.map { effect in
      "\(effect.change.title): \(effect.paired.direction.word(before: effect.paired.amount))"
    }
    return "Effects on \(task) in \(unit.differences). " + parts.joined(separator: "; ")
  }

  private var axis: Axis {
    let ends = effects.flatMap { effect in
      [effect.interval.lower, effect.interval.upper, effect.interval.mean].filter(\.isFinite)
    }
    return Axis(covering: ([0] + ends).map { unit.factor * $0 }, intervals: 5)
  }

  private func across(_ difference: Double, _ axis: Axis) -> Double {
    axis.position(unit.factor * difference, from: Self.left, to: Self.right)
  }

  private func grid(_ axis: Axis, _ bottom: Double) -> Markup {
    let ticks = axis.ticks.map { tick -> Markup in
      let x = axis.position(tick, from: Self.left, to: Self.right)
      return """
        <line class="grid" x1="\(x)" x2="\(x)" y1="2" y2="\(bottom)"/>
        <text class="tick middle" x="\(x)" y="\(bottom + 16)">\(axis.label(tick))</text>
        """
    }
    let zero = across(0, axis)
    return """
      \(ticks)
      <line class="axis" x1="\(zero)" x2="\(zero)" y1="2" y2="\(bottom)"/>
      <text class="tick middle" x="178" y="\(bottom + 32)">difference in \(unit.differences)</text>
      """
  }

  private func row(_ effect: SettingEffect, top: Double, _ axis: Axis) -> Markup {
    let side: Markup = !effect.isClear ? "plain" : effect.paired.isBetter ? "gain" : "loss"
    let number = effect.paired.cell
    return """
      <g class="\(side)">
      <text class="beside" x="\(Self.left)" y="\(top + 12)">\(effect.change.shortTitle.shortened(to: 50 - number.count))</text>
      <text class="beside end" x="\(Self.right)" y="\(top + 12)">\(number)</text>
      \(mark(effect, at: top + 23, axis))
      </g>
      """
  }

  private func mark(_ effect: SettingEffect, at y: Double, _ axis: Axis) -> Markup {
    let interval = effect.interval
    let x = across(interval.mean, axis)
    guard interval.halfWidth.isFinite else {
      return #"<circle class="hollow" cx="\#(x)" cy="\#(y)" r="4"/>"#
    }
    return """
      <line class="interval" x1="\(across(interval.lower, axis))" x2="\(across(interval.upper, axis))" \
      y1="\(y)" y2="\(y)"/>
      <circle class="full" cx="\(x)" cy="\(y)" r="4.5"/>
      """
  }
}
