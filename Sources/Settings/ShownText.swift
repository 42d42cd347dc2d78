extension Unicode.Scalar {
  /// Line ends, control characters, and those that only direct how others are set.
  package var isControl: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }
}

extension String {
  /// Its beginning, if it is long.
  package var shortened: String { count > 80 ? prefix(80) + "…" : self }

  /// Fit for one line of an error: control characters as question marks.
  package var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return unicodeScalars.reduce(into: "") {
      $0.unicodeScalars.append($1.isControl ? "?" : $1)
    }
  }
}
