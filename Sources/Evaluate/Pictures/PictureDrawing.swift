import Foundation

/// Lays a picture out: title, raster, time axis, bin axis, colour bar.
struct PictureDrawing {
  private let picture: FeaturePicture
  private let raster: IndexedImage
  private let left = 74.0
  private let top = 66.0
  private let width = 1200.0
  private let height: Double
  /// Where the colour bar begins, and how wide it is.
  private let bar = (left: 1294.0, width: 14.0)

  /// Pixels of the raster, at most; the picture never shows it smaller.
  static let most = (columns: 1200, rows: 520)
  /// Height of a picture with few bins, which become whole numbers of pixels high.
  private static let usualHeight = 400.0

  init(_ picture: FeaturePicture) {
    self.picture = picture
    raster = picture.raster(columns: Self.most.columns, rows: Self.most.rows)
    let rows = Double(raster.height)
    height = rows * max(1, (Self.usualHeight / rows).rounded())
  }

  private var right: Double { left + width }
  private var bottom: Double { top + height }
  private var size: (width: Double, height: Double) { (1384, bottom + 60) }

  var markup: Markup {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <svg xmlns="http://www.w3.org/2000/svg" width="\(size.width)" height="\(size.height)" \
    viewBox="0 0 \(size.width) \(size.height)" role="img" \
    aria-label="\(picture.title): \(picture.subtitle)">
    \(Self.style)
    <rect class="paper" width="100%" height="100%"/>
    <text class="title" x="\(left)" y="30">\(picture.title)</text>
    <text class="subtitle" x="\(left)" y="51">\(picture.subtitle)</text>
    \(image(raster, x: left, y: top, width: width, height: height))
    \(bins)
    <rect class="frame" x="\(left)" y="\(top)" width="\(width)" height="\(height)"/>
    \(times)
    \(colorBar)
    </svg>

    """
  }

  private static let style: Markup = """
    <style>
    text { font: 13px system-ui, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; fill: #444 }
    .title { font-size: 18px; font-weight: 600; fill: #111 }
    .subtitle { fill: #666 }
    .middle { text-anchor: middle }
    .end { text-anchor: end }
    .paper { fill: #fff }
    .frame { fill: none; stroke: #333; stroke-width: 1 }
    .tick { stroke: #333; stroke-width: 1 }
    .guide { stroke: #fff; stroke-opacity: 0.3; stroke-dasharray: 1 7 }
    image { image-rendering: pixelated }
    </style>
    """

  private func image(
    _ image: IndexedImage, x: Double, y: Double, width: Double, height: Double
  ) -> Markup {
    let data = Markup(stringLiteral: image.png(picture.scale.colors).base64EncodedString())
    return """
      <image x="\(x)" y="\(y)" width="\(width)" height="\(height)" preserveAspectRatio="none" \
      href="data:image/png;base64,\(data)"/>
      """
  }
}

// MARK: - Bins

extension PictureDrawing {
  /// Least distance of two labels, pixels.
  private static let labelHeight = 15.0

  private var bins: Markup {
    let marks = legible.map { tick -> Markup in
      let y = place(ofBin: tick.position)
      let guide: Markup = """
        <line class="guide" x1="\(left)" x2="\(right)" y1="\(y)" y2="\(y)"/>
        """
      return """
        \(picture.axis.hasLines ? guide : .empty)
        <line class="tick" x1="\(left - 5)" x2="\(left)" y1="\(y)" y2="\(y)"/>
        <text class="end" x="\(left - 9)" y="\(y + 4.5)">\(tick.label)</text>
        """
    }
    return """
      \(marks)
      \(upright(picture.axis.title, x: 18))
      """
  }

  /// The middle of a bin.
  private func place(ofBin position: Double) -> Double {
    bottom - (position + 0.5) / Double(picture.bins) * height
  }

  /// The ticks, from the top down, that do not come too close to the last.
  private var legible: [BinAxis.Tick] {
    var last = -Double.infinity
    return picture.axis.ticks.reversed().filter { tick in
      let y = place(ofBin: tick.position)
      guard y - last >= Self.labelHeight else { return false }
      last = y
      return true
    }
  }

  private func upright(_ text: String, x: Double) -> Markup {
    let y = (top + bottom) / 2
    return """
      <text class="middle" x="\(x)" y="\(y)" transform="rotate(-90 \(x) \(y))">\(text)</text>
      """
  }
}

// MARK: - Time

extension PictureDrawing {
  private var times: Markup {
    let (start, end) = (picture.time.lowerBound, picture.time.upperBound)
    let step = Self.timeStep((end - start) / 12)
    let first = (start / step - 1e-9).rounded(.up)
    let marks = (0...Int(((end / step + 1e-9).rounded(.down) - first))).map { number -> Markup in
      let time = (first + Double(number)) * step
      let x = left + (time - start) / (end - start) * width
      return """
        <line class="tick" x1="\(x)" x2="\(x)" y1="\(bottom)" y2="\(bottom + 5)"/>
        <text class="middle" x="\(x)" y="\(bottom + 20)">\(label(time, step: step))</text>
        """
    }
    return """
      \(marks)
      <text class="middle" x="\((left + right) / 2)" y="\(bottom + 44)">\(timeTitle)</text>
      """
  }

  private var isInMinutes: Bool { picture.time.upperBound >= 120 }

  private var timeTitle: String { isInMinutes ? "time (min:s)" : "time (s)" }

  private func label(_ time: Double, step: Double) -> String {
    let decimals = Axis.decimals(step)
    guard isInMinutes else { return Wording.fixed(time, decimals) }
    // Two digits, and a point with its decimals if there are any.
    let digits = decimals > 0 ? decimals + 3 : 2
    let (minutes, seconds) = (Int(time / 60 + 1e-9), time - 60 * (time / 60 + 1e-9).rounded(.down))
    return "\(minutes):" + String(format: "%0\(digits).\(decimals)f", abs(seconds))
  }

  /// A round number of seconds, of minutes or of hours.
  private static func timeStep(_ rough: Double) -> Double {
    guard rough > 5 else { return Axis.roundStep(rough) }
    return [10, 20, 30, 60, 120, 300, 600, 900, 1800].first { $0 >= rough }
      ?? 3600 * Axis.roundStep(rough / 3600)
  }
}

// MARK: - Colours

extension PictureDrawing {
  private var colorBar: Markup {
    let column = IndexedImage(width: 1, height: 256, pixels: (0...255).reversed())
    let range = picture.scale.range(of: picture.values)
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    let step = Axis.roundStep((high - low) / 5)
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    let marks = (0...max(0, Int(last - first))).map { number -> Markup in
      let value = (first + Double(number)) * step
      let y = bottom - (value - low) / (high - low) * height
      return """
        <line class="tick" x1="\(bar.left + bar.width)" x2="\(bar.left + bar.width + 5)" \
        y1="\(y)" y2="\(y)"/>
        <text x="\(bar.left + bar.width + 9)" y="\(y + 4.5)">\(Axis.label(value, step: step, below: 1e5, in: low...high))</text>
        """
    }
    return """
      \(image(column, x: bar.left, y: top, width: bar.width, height: height))
      <rect class="frame" x="\(bar.left)" y="\(top)" width="\(bar.width)" height="\(height)"/>
      \(marks)
      \(upright(picture.scale.title, x: bar.left + 72))
      """
  }
}
