extension Unicode.Scalar {
  /// Whether this is a line break, a control character, or a character without a glyph.
  package var isControl: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }
}

extension String {
  /// The text, or its first 80 characters and an ellipsis.
  package var shortened: String { count > 80 ? prefix(80) + "…" : self }

  /// This text for one line of an error: control characters are replaced by question marks.
  package var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return unicodeScalars.reduce(into: "") {
      $0.unicodeScalars.append($1.isControl ? "?" : $1)
    }
  }
}
