/// How a run is told from others in drawings: by its number, by its colour and, beyond six runs, by the dash of its line
/// and the shape of its dots. No colour has to be seen.
struct RunStyle {
  /// The run's place in the report.
  let index: Int

  /// What stands at its lines.
  var number: Int { index + 1 }

  /// The classes of what is drawn for it.
  var classes: Markup { "run-\(index % Palette.count) dash-\(round)" }

  /// How often all colours were used before.
  private var round: Int { index / Palette.count % 4 }

  /// The number on the colour, to stand before a name.
  var swatch: Markup { #"<span class="swatch">\#(number)</span> "# }

  /// A dot of its shape.
  func dot(x: Double, y: Double, isHollow: Bool = false) -> Markup {
    let kind: Markup = isHollow ? "hollow" : "full"
    switch round {
    case 0: return #"<circle class="\#(kind)" cx="\#(x)" cy="\#(y)" r="3.5"/>"#
    case 1:
      return
        #"<rect class="\#(kind)" x="\#(x - 3.2)" y="\#(y - 3.2)" width="6.4" height="6.4"/>"#
    case 2: return #"<path class="\#(kind)" d="M\#(x) \#(y - 4.4)l4.2 7.6h-8.4z"/>"#
    default: return #"<path class="\#(kind)" d="M\#(x) \#(y + 4.4)l4.2 -7.6h-8.4z"/>"#
    }
  }
}

/// The runs with their lines and numbers.
struct RunLegend {
  let report: ComparisonReport

  var markup: Markup {
    let runs = report.runs.enumerated().map { index, run -> Markup in
      let style = RunStyle(index: index)
      return """
        <li class="\(style.classes)"><svg viewBox="0 0 26 14" aria-hidden="true">\
        <path class="smooth" d="M1 7h24"/>\(style.dot(x: 13, y: 7))</svg>\
        <strong>\(style.number)</strong> \(run.name)</li>
        """
    }
    return """
      <ul class="legend">
      \(runs)
      </ul>
      """
  }
}
