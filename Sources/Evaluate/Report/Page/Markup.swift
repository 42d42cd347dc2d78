/// A piece of HTML or SVG.
///
/// Text gets in by interpolation alone, and there it is escaped: a file's name, however hostile,
/// cannot become markup. Pieces of markup interpolate as they are.
struct Markup: ExpressibleByStringInterpolation {
  var source: String

  init(stringLiteral source: String) { self.source = source }

  init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  static let empty: Markup = ""

  struct StringInterpolation: StringInterpolationProtocol {
    var source = ""

    init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { source += literal }

    mutating func appendInterpolation(_ text: String) { source += text.escapedForHTML }

    mutating func appendInterpolation(_ markup: Markup) { source += markup.source }

    mutating func appendInterpolation(_ pieces: [Markup]) {
      source += pieces.map(\.source).joined(separator: "\n")
    }

    mutating func appendInterpolation(_ number: Int) { source += String(number) }

    /// A coordinate, to a tenth of a pixel.
    mutating func appendInterpolation(_ coordinate: Double) {
      source += Wording.coordinate(coordinate)
    }
  }
}

extension String {
  /// Safe inside an element and inside a quoted attribute.
  ///
  /// Scalar by scalar: a quotation mark with an accent is one `Character`, and still ends an
  /// attribute.
  var escapedForHTML: String {
    var escaped = ""
    for scalar in withVisibleControls.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Plain text for Markdown: no character of it is read as formatting, a table's edge or HTML.
  var escapedForMarkdown: String {
    var escaped = ""
    for scalar in withVisibleControls.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "#", "|", "~", "!", "$":
        escaped += "\\\(scalar)"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Control characters and those that turn the reading direction written out, `\u{202E}`, so that
  /// a name shows what it is.
  var withVisibleControls: String {
    var visible = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        visible += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: visible.unicodeScalars.append(scalar)
      }
    }
    return visible
  }
}
