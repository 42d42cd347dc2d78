extension String {
  /// This text as one line of a message: line breaks and control characters, which a name in a file
  /// may have, are replaced by blanks. Of a text of more than 1,200 characters the middle is left
  /// out.
  package var asOneLine: String {
    let line = String(map { $0.isNewline || $0.isControl ? " " : $0 })
    guard line.count > 1200 else { return line }
    return "\(line.prefix(800)) ... \(line.suffix(400))"
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
