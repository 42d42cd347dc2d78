/// Values of several runs over one axis: a line for each, in its colour and dash, with its number at its end.
///
/// Values are in the unit that the axis shows.
struct SeriesChart {
  /// A value of a run.
  struct Point {
    let x: Double
    let y: Double
    /// Between what it lies; nil if that is not known.
    var ends: ClosedRange<Double>?
    var isHollow = false
    /// Whether its ends cover folds alone.
    var isOfFolds = false
    var hasDot = true
  }

  /// The values of a run.
  struct Series {
    /// The run's place in the report.
    let run: Int
    let points: [Point]
  }

  /// A value as a line across.
  struct Level {
    let kind: Markup
    let value: Double
  }

  /// How the ends of the points are drawn.
  enum Spread {
    case bars, band
  }

  /// The drawing's measures.
  struct Frame {
    let width: Double
    let height: Double

    static let small = Frame(width: 360, height: 200)
    static let wide = Frame(width: 540, height: 290)

    var left: Double { 46 }
    var right: Double { width - 32 }
    var top: Double { 10 }
    var bottom: Double { height - 36 }
  }

  let kind: Markup
  let title: String
  /// What a screen reader says.
  let description: String
  let xTitle: String
  let series: [Series]
  var levels: [Level] = []
  var spread = Spread.bars
  var frame = Frame.small
  /// Whether the axis has whole numbers alone.
  var hasWholeSteps = false

  /// With more series, ends would hide the lines: bars are left out, and bands fainter.
  private static let mostWithEnds = 6
  private var isCrowded: Bool { series.count > Self.mostWithEnds }

  var markup: Markup {
    """
    <figure class="chart \(kind)">
    <figcaption>\(title)</figcaption>
    <svg viewBox="0 0 \(frame.width) \(frame.height)" role="img" aria-label="\(description)">
    \(drawing)
    </svg>
    </figure>
    """
  }

  private var drawing: Markup {
    let points = series.flatMap(\.points)
    let ends =
      spread == .band ? points.compactMap(\.ends).flatMap { [$0.lowerBound, $0.upperBound] } : []
    let x = Axis(covering: [0] + points.map(\.x), intervals: 4, isWhole: hasWholeSteps)
    let y = Axis(covering: points.map(\.y) + ends + levels.map(\.value), intervals: 4)
    return """
      \(grid(x, y))
      \(levels.map { level($0, y) })
      \(series.map { line($0, x, y) })
      \(numbers(x, y))
      """
  }

  // MARK: - Places

  /// The last value lies at the right edge, whether it is round or not, so that lines end beside their numbers.
  private func across(_ value: Double, _ x: Axis) -> Double {
    frame.left + (value - x.lower) / (end(x) - x.lower) * (frame.right - frame.left)
  }

  private func end(_ x: Axis) -> Double {
    let last = series.flatMap(\.points).map(\.x).max() ?? x.upper
    return last > x.lower ? last : x.upper
  }

  /// A height inside the frame; an interval's end may lie outside.
  private func height(_ value: Double, _ y: Axis) -> Double {
    min(max(y.position(value, from: frame.bottom, to: frame.top), frame.top), frame.bottom)
  }

  // MARK: - Parts

  private func grid(_ x: Axis, _ y: Axis) -> Markup {
    let rows = y.ticks.map { tick -> Markup in
      let height = y.position(tick, from: frame.bottom, to: frame.top)
      return """
        <line class="grid" x1="\(frame.left)" x2="\(frame.right)" y1="\(height)" y2="\(height)"/>
        <text class="tick end" x="\(frame.left - 7)" y="\(height + 4)">\(y.sideLabel(tick))</text>
        """
    }
    let end = end(x)
    let columns = x.ticks.filter { $0 <= end }.map { tick -> Markup in
      """
      <text class="tick middle" x="\(across(tick, x))" y="\(frame.bottom + 17)">\(x.label(tick))</text>
      """
    }
    return """
      \(rows)
      \(columns)
      <line class="axis" x1="\(frame.left)" x2="\(frame.right)" y1="\(frame.bottom)" y2="\(frame.bottom)"/>
      <text class="tick middle" x="\((frame.left + frame.right) / 2)" y="\(frame.bottom + 32)">\(xTitle)</text>
      """
  }

  private func level(_ level: Level, _ y: Axis) -> Markup {
    let height = height(level.value, y)
    return """
      <line class="\(level.kind)" x1="\(frame.left)" x2="\(frame.right)" y1="\(height)" y2="\(height)"/>
      """
  }

  private func line(_ series: Series, _ x: Axis, _ y: Axis) -> Markup {
    let style = RunStyle(index: series.run)
    let points = series.points
    let dots = points.filter(\.hasDot).map { point in
      style.dot(x: across(point.x, x), y: height(point.y, y), isHollow: point.isHollow)
    }
    let stroke: Markup = """
      <path class="smooth" d="\(path(points.map { ($0.x, $0.y) }, x, y))"/>
      """
    return """
      <g class="\(style.classes)">
      \(spread == .band ? band(points, x, y) : .empty)
      \(points.count > 1 ? stroke : .empty)
      \(spread == .bars && !isCrowded ? points.compactMap { bar($0, x, y) } : [])
      \(dots)
      </g>
      """
  }

  private func path(_ points: [(Double, Double)], _ x: Axis, _ y: Axis) -> String {
    let places = points.map { point in
      "\(Wording.coordinate(across(point.0, x))) \(Wording.coordinate(height(point.1, y)))"
    }
    return "M" + places.joined(separator: "L")
  }

  private func band(_ points: [Point], _ x: Axis, _ y: Axis) -> Markup {
    let known = points.compactMap { point in point.ends.map { (point.x, $0) } }
    guard known.count > 1, known.contains(where: { $0.1.lowerBound < $0.1.upperBound }) else {
      return .empty
    }
    let outline =
      known.map { ($0.0, $0.1.lowerBound) } + known.reversed().map { ($0.0, $0.1.upperBound) }
    return #"<path class="\#(isCrowded ? "faint band" : "band")" d="\#(path(outline, x, y))z"/>"#
  }

  private func bar(_ point: Point, _ x: Axis, _ y: Axis) -> Markup? {
    point.ends.map { ends in
      let (place, kind) = (across(point.x, x), point.isOfFolds ? "interval folds" : "interval")
      return """
        <line class="\(kind)" x1="\(place)" x2="\(place)" y1="\(height(ends.lowerBound, y))" \
        y2="\(height(ends.upperBound, y))"/>
        """
    }
  }

  // MARK: - Numbers

  /// The runs' numbers in a column at the right, each as near to the end of its line as the others let it, with a
  /// thread to that end where it is away from it.
  private func numbers(_ x: Axis, _ y: Axis) -> [Markup] {
    let ends = series.compactMap { series in
      series.points.last.map { (run: series.run, x: across($0.x, x), y: height($0.y, y)) }
    }
    .sorted { $0.y < $1.y }
    let places = Self.spread(ends.map(\.y), in: frame.top...frame.bottom, by: 11)
    return zip(ends, places).map { end, place in
      let isNear = abs(place - end.y) < 3 && frame.right - end.x < 3
      let thread: Markup = """
        <path class="thread" d="M\(end.x) \(end.y)L\(frame.right + 8) \(place)"/>
        """
      let style = RunStyle(index: end.run)
      return """
        <g class="\(style.classes)">\(isNear ? .empty : thread)\
        <text class="number" x="\(frame.right + 10)" y="\(place + 4)">\(style.number)</text></g>
        """
    }
  }

  /// Heights in rising order, moved apart to a distance, or to what the room allows.
  static func spread(
    _ heights: [Double], in room: ClosedRange<Double>, by distance: Double
  ) -> [Double] {
    let distance = min(
      distance, (room.upperBound - room.lowerBound) / Double(max(1, heights.count - 1)))
    var places = heights
    for place in places.indices.dropFirst() {
      places[place] = max(places[place], places[place - 1] + distance)
    }
    var limit = room.upperBound
    for place in places.indices.reversed() {
      places[place] = min(places[place], limit)
      limit = places[place] - distance
    }
    return places
  }
}
