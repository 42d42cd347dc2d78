/// A recipe as a tree: what YAML says, what a Swift value encodes to, and what a value decodes from.
package struct Setting: Sendable {
  package enum Content: Sendable {
    case null
    /// A value as written. Quoted text is text, whatever it looks like.
    case scalar(String, isQuoted: Bool)
    case list([Setting])
    case group([Field])
  }

  package struct Field: Sendable {
    package var name: String
    package var value: Setting

    package init(name: String, value: Setting) { (self.name, self.value) = (name, value) }
  }

  package var content: Content
  package var place: RecipePlace

  package init(content: Content, place: RecipePlace = .defaults) {
    (self.content, self.place) = (content, place)
  }

  package var isNull: Bool {
    if case .null = content { true } else { false }
  }

  /// The fields of a group, in the order in which they were written; `nil` for anything else.
  package var fields: [Field]? {
    if case .group(let fields) = content { fields } else { nil }
  }

  package subscript(name: String) -> Setting? {
    fields?.first { $0.name == name }?.value
  }

  /// This setting over `parent`: groups merge key by key, anything else replaces.
  package func merged(over parent: Setting) -> Setting {
    guard let mine = fields, var result = parent.fields else { return self }
    let places = Dictionary(
      result.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for field in mine {
      if let index = places[field.name] {
        result[index].value = field.value.merged(over: result[index].value)
      } else {
        result.append(field)
      }
    }
    return Setting(content: .group(result), place: place)
  }

  /// What stands at `position.groups` or `kernels[2]`, seen from here; itself at an empty path.
  package func found(at path: String) -> Setting? {
    path.split(whereSeparator: { ".[]".contains($0) }).reduce(self as Setting?) { setting, name in
      guard case .list(let elements) = setting?.content else { return setting?[String(name)] }
      return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    }
  }

  /// Whether both say the same, wherever they stand.
  package func isEqual(to other: Setting) -> Bool {
    switch (content, other.content) {
    case (.null, .null): true
    case (.scalar(let a, _), .scalar(let b, _)): a == b
    case (.list(let a), .list(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isEqual(to: $1) }
    case (.group(let a), .group(let b)):
      a.count == b.count
        && zip(a, b).allSatisfy { $0.name == $1.name && $0.value.isEqual(to: $1.value) }
    default: false
    }
  }

  /// On one line, as YAML has it.
  package var inlined: String {
    switch content {
    case .null: "null"
    case .scalar(let word, _): word
    case .list(let elements): "[" + elements.map(\.inlined).joined(separator: ", ") + "]"
    case .group(let fields):
      "{" + fields.map { "\($0.name): \($0.value.inlined)" }.joined(separator: ", ") + "}"
    }
  }

  /// What stands here, for "expected a number, found …".
  package var summary: String {
    switch content {
    case .null: "nothing"
    case .scalar(let text, isQuoted: false): "'\(text.shortened)'"
    case .scalar(let text, isQuoted: true): "the text '\(text.shortened)'"
    case .list: "a list"
    case .group: "a group of settings"
    }
  }
}

/// `encoder.stages[2].heads`
package func settingPath(_ keys: [any CodingKey]) -> String {
  keys.reduce(into: "") { path, key in
    if let index = key.intValue {
      path += "[\(index)]"
    } else {
      path += (path.isEmpty ? "" : ".") + key.stringValue
    }
  }
}

/// A key made at run time: a name, or an index into a list.
package struct SettingKey: CodingKey {
  package let stringValue: String
  package let intValue: Int?

  package init(_ name: String) {
    stringValue = name
    intValue = nil
  }

  package init(_ index: Int) {
    stringValue = String(index)
    intValue = index
  }

  package init?(stringValue: String) { self.init(stringValue) }
  package init?(intValue: Int) { self.init(intValue) }
}
