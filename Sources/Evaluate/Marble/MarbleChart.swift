/// Scores of all models by one metric of a task, as dots with their intervals on one axis; dashed what guessing scores.
struct MarbleChart {
  let results: MarbleResults
  let task: MarbleTask
  let metric: TaskMetric

  private static let (left, right) = (16.0, 342.0)
  private static let rowHeight = 36.0

  private var rows: [(number: Int, value: MarbleOutcome.Value)] {
    results.models.indices.compactMap { number in
      results.value(of: results.models[number], on: task.name, metric).map { (number, $0) }
    }.filter { $0.value.score.isFinite }
  }

  /// Empty if there is no score.
  var markup: Markup {
    let rows = rows
    guard !rows.isEmpty else { return .empty }
    let axis = axis(rows.map(\.value))
    let bottom = 4 + Double(rows.count) * Self.rowHeight
    let drawn = rows.enumerated().map { place, row in
      draw(row.value, of: row.number, top: 4 + Double(place) * Self.rowHeight, axis)
    }
    return """
      <figure class="chart">
      <figcaption>\(task.name), \(metric.name)</figcaption>
      <svg viewBox="0 0 360 \(bottom + 24)" role="img" aria-label="\(description)">
      \(grid(axis, bottom: bottom))
      \(drawn)
      </svg>
      </figure>
      """
  }

  private var description: String {
    let scores = rows.map { "\(results.models[$0.number]) \($0.value.text)" }
    return "\(task.name), \(metric.name): " + scores.joined(separator: "; ")
  }

  private func axis(_ values: [MarbleOutcome.Value]) -> Axis {
    let ends = values.flatMap { value in
      [value.score] + (value.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    // Equal scores alone have no scale.
    let bounds = ends.min() == ends.max() ? [0, metric.best] : [metric.chance]
    return Axis(
      covering: (ends + bounds.compactMap(\.self)).map { metric.unit.factor * $0 }, intervals: 5)
  }

  private func across(_ score: Double, _ axis: Axis) -> Double {
    axis.position(metric.unit.factor * score, from: Self.left, to: Self.right)
  }

  private func grid(_ axis: Axis, bottom: Double) -> Markup {
    let ticks = axis.ticks.map { tick -> Markup in
      let x = axis.position(tick, from: Self.left, to: Self.right)
      return """
        <line class="grid" x1="\(x)" x2="\(x)" y1="2" y2="\(bottom)"/>
        <text class="tick middle" x="\(x)" y="\(bottom + 16)">\(axis.label(tick))</text>
        """
    }
    let chance = metric.chance.map { chance -> Markup in
      let x = across(chance, axis)
      return #"<line class="chance" x1="\#(x)" x2="\#(x)" y1="2" y2="\#(bottom)"/>"#
    }
    return "\(ticks)\(chance ?? .empty)"
  }

  private func draw(
    _ value: MarbleOutcome.Value, of model: Int, top: Double, _ axis: Axis
  ) -> Markup {
    let y = top + 25
    let bar = value.interval.map { interval -> Markup in
      """
      <line class="interval" x1="\(across(interval.lowerBound, axis))" \
      x2="\(across(interval.upperBound, axis))" y1="\(y)" y2="\(y)"/>
      """
    }
    return """
      <g class="run-\(model % Palette.count)">
      <text class="name" x="\(Self.left)" y="\(top + 14)">\(results.models[model].shortened(to: 44))</text>
      \(bar ?? .empty)
      <circle class="full" cx="\(across(value.score, axis))" cy="\(y)" r="4.5"/>
      </g>
      """
  }
}
