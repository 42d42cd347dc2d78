import Settings

/// Scores of all models on one task, as dots with their 95 % intervals on one axis.
///
/// A filled dot is a pre-trained model, a hollow one the same model before training, drawn once for runs that share it,
/// a diamond statistics, whose name stands beside it; small strokes are the seeds, the dashed line is guessing, the dotted
/// one the best statistics. An interval of one model is dotted; of a recipe with a stopped
/// training there are strokes alone.
struct ProbeChart {
  let report: ComparisonReport
  let task: String
  let metric: Metric

  private static let left = 10.0
  private static let right = 346.0
  private static let nameHeight = 17.0
  private static let lineHeight = 16.0
  private static let gap = 7.0

  /// One name with the results drawn under it.
  private struct Group {
    let name: String
    /// Number of the run's colour; none for statistics.
    let colour: Int?
    let results: [ProbeResult]

    var height: Double { nameHeight + Double(results.count) * lineHeight + gap }
  }

  private var groups: [Group] {
    let runs = report.runs.enumerated().map { index, run in
      let kinds: [ProbeResult.Kind] =
        [.pretrained] + (report.isFirstOfInitialisation(index) ? [.randomInitialisation] : [])
      return Group(
        name: report.runs.count > 1 ? "\(index + 1) · \(run.name)" : run.name, colour: index,
        results: kinds.compactMap { report.probe(run.name, $0, on: task) })
    }
    let statistics = Group(
      name: "hand-made, no model", colour: nil,
      results: report.statistics.compactMap { report.probe($0, .statistics, on: task) })
    return (runs + [statistics]).filter { !$0.results.isEmpty }
  }

  var markup: Markup {
    let groups = groups
    let bottom = 4 + groups.reduce(0) { $0 + $1.height }
    let axis = axis(groups)
    var drawn: [Markup] = []
    var top = 4.0
    for group in groups {
      drawn.append(draw(group, top: top, axis))
      top += group.height
    }
    return """
      <figure class="chart probe">
      <figcaption>\(task)</figcaption>
      <svg viewBox="0 0 360 \(bottom + 40)" role="img" aria-label="\(description)">
      \(grid(axis, bottom: bottom))
      \(drawn)
      </svg>
      </figure>
      """
  }

  private var description: String {
    let parts = groups.flatMap { group in
      group.results.map {
        "\($0.model), \($0.kind.words): \(report.score(of: $0))\(metric.unit.symbol)"
      }
    }
    return "\(metric.name.capitalisedFirst) on \(task). " + parts.joined(separator: "; ")
  }

  /// From the worst score, or the best one if there is no worst, to the one farthest from it.
  private func axis(_ groups: [Group]) -> Axis {
    let shown = groups.flatMap(\.results).flatMap { result in
      let interval = report.isComplete(result) ? [result.interval] : []
      let ends = interval.flatMap { [$0.lower, $0.upper] }.filter(\.isFinite)
      return (result.scores + ends).map(possible)
    }
    let origin = [metric.worst, metric.best].filter(\.isFinite).prefix(1)
    return Axis(covering: (origin + shown).map { metric.unit.factor * $0 }, intervals: 5)
  }

  /// The score, or the end of the metric's range that it lies beyond, as an interval can.
  private func possible(_ score: Double) -> Double {
    min(max(score, metric.range.lowerBound), metric.range.upperBound)
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
    return """
      \(ticks)
      \(line("chance", at: report.chance(of: task), axis, bottom: bottom))
      \(line("plain-best", at: report.bestStatistics(on: task)?.interval.mean, axis, bottom: bottom))
      <text class="tick middle" x="178" y="\(bottom + 32)">\(metric.title)</text>
      """
  }

  /// A score as a line from top to bottom.
  private func line(_ name: Markup, at score: Double?, _ axis: Axis, bottom: Double) -> Markup {
    guard let score else { return .empty }
    let x = across(score, axis)
    return #"<line class="\#(name)" x1="\#(x)" x2="\#(x)" y1="2" y2="\#(bottom)"/>"#
  }

  private func draw(_ group: Group, top: Double, _ axis: Axis) -> Markup {
    let marks = group.results.enumerated().map { index, result in
      let middle = top + Self.nameHeight + (Double(index) + 0.5) * Self.lineHeight
      return draw(result, at: middle, axis)
    }
    let colour: Markup = group.colour.map { "run-\($0 % Palette.count)" } ?? "plain"
    return """
      <g class="\(colour)">
      <text class="name" x="\(Self.left)" y="\(top + 13)">\(group.name.shortened(to: 44))</text>
      \(marks)
      </g>
      """
  }

  private func draw(_ result: ProbeResult, at y: Double, _ axis: Axis) -> Markup {
    guard report.isComplete(result) else { return "\(seeds(result, at: y, axis))" }
    let x = across(result.interval.mean, axis)
    return """
      \(bar(result, at: y, axis))
      \(seeds(result, at: y, axis))
      \(symbol(result.kind, x: x, y: y))
      \(result.kind == .statistics ? label(result, x: x, y: y) : .empty)
      """
  }

  /// The name of statistics, on the side where there is more room.
  private func label(_ result: ProbeResult, x: Double, y: Double) -> Markup {
    let isRight = x < (Self.left + Self.right) / 2
    let place = isRight ? Self.right : Self.left
    return
      #"<text class="tick beside\#(isRight ? " end" : "")" x="\#(place)" y="\#(y + 4)">\#(result.model)</text>"#
  }

  private func bar(_ result: ProbeResult, at y: Double, _ axis: Axis) -> Markup {
    let interval = result.interval
    guard interval.halfWidth.isFinite else { return .empty }
    let from = across(possible(interval.lower), axis)
    let to = across(possible(interval.upper), axis)
    let kind = result.coversWeights ? "interval" : "interval folds"
    return #"<line class="\#(kind)" x1="\#(from)" x2="\#(to)" y1="\#(y)" y2="\#(y)"/>"#
  }

  private func seeds(_ result: ProbeResult, at y: Double, _ axis: Axis) -> [Markup] {
    result.scores.map { score in
      let x = across(score, axis)
      return #"<line class="seed" x1="\#(x)" x2="\#(x)" y1="\#(y - 4.5)" y2="\#(y + 4.5)"/>"#
    }
  }

  private func symbol(_ kind: ProbeResult.Kind, x: Double, y: Double) -> Markup {
    switch kind {
    case .pretrained: #"<circle class="full" cx="\#(x)" cy="\#(y)" r="4.5"/>"#
    case .randomInitialisation: #"<circle class="hollow" cx="\#(x)" cy="\#(y)" r="4"/>"#
    case .statistics:
      #"<path class="hollow" d="M\#(x - 5) \#(y)l5 -5l5 5l-5 5z"/>"#
    }
  }
}

extension ProbeResult.Kind {
  /// How a reader calls it.
  var words: String {
    switch self {
    case .pretrained: "pre-trained"
    case .randomInitialisation: "random initialisation"
    case .statistics: "statistics"
    }
  }
}

extension String {
  /// At most so many characters; the middle gives way to `…`, as names that belong together differ
  /// at their ends.
  func shortened(to length: Int) -> String {
    guard count > length else { return self }
    let kept = length - 1
    return prefix(kept - kept / 2) + "…" + suffix(kept / 2)
  }
}
