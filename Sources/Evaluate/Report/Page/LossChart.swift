/// A line chart of one logged value over the steps: the values as logged, thin, and a
/// smoothed course, thick. The same value of held-out crops is a dashed line.
struct LossChart {
  /// What is drawn: `total`, or the name of a term.
  let title: String
  let steps: [Int]
  let values: [Double]
  /// The values of held-out crops.
  var heldOut: [(step: Int, value: Double)] = []

  private let frame = (left: 46.0, right: 336.0, top: 10.0, bottom: 164.0)

  /// Buckets that a longer log is cut into. Of each the least and the greatest value are drawn, so
  /// that no spike is lost, and its mean goes into the smoothed course.
  private static let resolution = 240

  var markup: Markup {
    """
    <figure class="chart">
    <figcaption>\(title)</figcaption>
    <svg viewBox="0 0 360 200" role="img" aria-label="\(description)">
    \(drawing)
    </svg>
    </figure>
    """
  }

  private var description: String {
    guard let course = LossCourse(values) else { return "\(title): no finite value was logged" }
    return "\(title): from \(Wording.significant(course.start)) to "
      + "\(Wording.significant(course.end)) over \(Wording.grouped(steps.last ?? 0)) steps"
      + (heldOut.last.map { ", held out \(Wording.significant($0.value))" } ?? "")
  }

  private var drawing: Markup {
    let finite = (values + heldOut.map(\.value)).filter(\.isFinite)
    guard !finite.isEmpty else {
      return #"<text class="none" x="191" y="90">no finite value</text>"#
    }
    let x = Axis(covering: [0, Double(steps.last ?? 1)], intervals: 4)
    let y = Axis(covering: finite, intervals: 4)
    let end = Double(steps.last ?? 1)
    return """
      \(grid(y))
      \(ticks(x, until: end))
      <path class="raw" d="\(path(strokes, y, until: end))"/>
      <path class="smooth" d="\(path(smoothed, y, until: end))"/>
      \(heldOut.isEmpty ? .empty : heldOutLine(y, until: end))
      """
  }

  private func heldOutLine(_ y: Axis, until end: Double) -> Markup {
    let points = heldOut.map { Point(step: Double($0.step), value: $0.value) }
    return #"<path class="held-out" d="\#(path(points, y, until: end))"/>"#
  }

  private func grid(_ y: Axis) -> [Markup] {
    y.ticks.map { tick in
      let height = y.position(tick, from: frame.bottom, to: frame.top)
      return """
        <line class="grid" x1="\(frame.left)" x2="\(frame.right)" y1="\(height)" y2="\(height)"/>
        <text class="tick end" x="\(frame.left - 7)" y="\(height + 4)">\(y.sideLabel(tick))</text>
        """
    }
  }

  /// The steps' ticks; the axis itself ends at the last step, not at a round one.
  private func ticks(_ x: Axis, until end: Double) -> Markup {
    let marks = x.ticks.filter { $0 <= end }.map { tick -> Markup in
      let across = position(tick, until: end)
      return """
        <line class="axis" x1="\(across)" x2="\(across)" y1="\(frame.bottom)" y2="\(frame.bottom + 4)"/>
        <text class="tick middle" x="\(across)" y="\(frame.bottom + 17)">\(x.label(tick))</text>
        """
    }
    return """
      <line class="axis" x1="\(frame.left)" x2="\(frame.right)" y1="\(frame.bottom)" y2="\(frame.bottom)"/>
      \(marks)
      <text class="tick middle" x="\((frame.left + frame.right) / 2)" y="\(frame.bottom + 32)">steps</text>
      """
  }

  private func position(_ step: Double, until end: Double) -> Double {
    frame.left + step / max(end, 1) * (frame.right - frame.left)
  }

  /// A line that breaks where a value is not finite; a value alone between breaks is a dot.
  private func path(_ points: [Point], _ y: Axis, until end: Double) -> String {
    var path = ""
    var isDrawing = false
    for point in points {
      guard point.value.isFinite else {
        isDrawing = false
        continue
      }
      let across = Wording.coordinate(position(point.step, until: end))
      let height = Wording.coordinate(y.position(point.value, from: frame.bottom, to: frame.top))
      path += isDrawing ? "L\(across) \(height)" : "M\(across) \(height)h0"
      isDrawing = true
    }
    return path
  }

  private struct Point {
    var step: Double
    var value: Double
  }

  private var buckets: [ArraySlice<Point>] {
    let points = zip(steps, values).map { Point(step: Double($0), value: $1) }
    let size = (points.count + Self.resolution - 1) / Self.resolution
    return stride(from: 0, to: points.count, by: size).map { start in
      points[start..<min(start + size, points.count)]
    }
  }

  /// What is drawn as logged.
  private var strokes: [Point] {
    buckets.flatMap { bucket -> [Point] in
      guard bucket.count > 1, bucket.allSatisfy(\.value.isFinite) else { return Array(bucket) }
      let extremes = [bucket.min { $0.value < $1.value }, bucket.max { $0.value < $1.value }]
      return extremes.compactMap(\.self).sorted { $0.step < $1.step }
    }
  }

  /// A straight line fitted to each point's neighbourhood, a tenth of the run wide: it follows a
  /// fall up to the run's ends, where a moving mean lags.
  private var smoothed: [Point] {
    let points = buckets.map(mean)
    let reach = max(2, points.count / 20)
    return points.indices.map { index in
      let from = max(0, index - reach)
      let to = min(points.count - 1, index + reach)
      return fit(points[from...to], at: points[index].step)
    }
  }

  /// The least-squares line through some points, at one step.
  private func fit(_ points: ArraySlice<Point>, at step: Double) -> Point {
    let centre = mean(of: points)
    var covariance = 0.0
    var variance = 0.0
    for point in points {
      covariance += (point.step - centre.step) * (point.value - centre.value)
      variance += (point.step - centre.step) * (point.step - centre.step)
    }
    let slope = variance > 0 ? covariance / variance : 0
    return Point(step: step, value: centre.value + slope * (step - centre.step))
  }

  private func mean(of points: ArraySlice<Point>) -> Point {
    let count = Double(points.count)
    return Point(
      step: points.reduce(0) { $0 + $1.step } / count,
      value: points.reduce(0) { $0 + $1.value } / count)
  }
}
