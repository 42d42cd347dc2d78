extension Setting {
  /// This tree as JSON, in its order: unquoted scalars unchanged, text in quotes, lists of scalars
  /// on one line.
  func json(indent: String = "") -> String {
    let inner = indent + "  "
    switch content {
    case .null: return "null"
    case .scalar(let word, let isQuoted): return isQuoted ? word.inQuotes : word
    case .list(let elements) where elements.allSatisfy(\.isWord):
      return "[" + elements.map { $0.json() }.joined(separator: ", ") + "]"
    case .list(let elements):
      return block(elements.map { $0.json(indent: inner) }, "[", "]", indent)
    case .group(let fields) where fields.isEmpty: return "{}"
    case .group(let fields):
      return block(
        fields.map { $0.name.inQuotes + ": " + $0.value.json(indent: inner) }, "{", "}", indent)
    }
  }

  private func block(_ lines: [String], _ open: String, _ close: String, _ indent: String) -> String
  {
    open + "\n" + lines.map { indent + "  " + $0 }.joined(separator: ",\n") + "\n" + indent + close
  }

  private var isWord: Bool {
    switch content {
    case .null, .scalar: true
    case .list, .group: false
    }
  }

  /// This tree with the shortest digits of every number, `1` for `1.0`.
  var plain: Setting {
    switch content {
    case .scalar(let word, isQuoted: false) where word.contains("."):
      Setting(content: .scalar(Double(word)?.inWords ?? word, isQuoted: false))
    case .list(let elements): Setting(content: .list(elements.map(\.plain)))
    case .group(let fields):
      Setting(content: .group(fields.map { Field(name: $0.name, value: $0.value.plain) }))
    default: self
    }
  }
}

extension String {
  fileprivate var inQuotes: String {
    "\"" + unicodeScalars.map(\.inJSON).joined() + "\""
  }
}

extension Unicode.Scalar {
  fileprivate var inJSON: String {
    switch self {
    case "\"", "\\": "\\\(self)"
    case ..<" ": "\\u" + String(String(value + 0x1_0000, radix: 16).dropFirst())
    default: String(self)
    }
  }
}
