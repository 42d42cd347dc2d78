/// A recipe as a tree: the result of reading YAML or encoding a Swift value, and the input of
/// decoding.
package struct Setting: Sendable {
  package enum Content: Sendable {
    case null
    /// A value as written. Quoted text is always text.
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

  /// The fields of a group, in the order written; `nil` for other contents.
  package var fields: [Field]? {
    if case .group(let fields) = content { fields } else { nil }
  }

  package subscript(name: String) -> Setting? {
    fields?.first { $0.name == name }?.value
  }

  /// This setting over `parent`: groups are merged key by key, other contents replace.
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

  /// The setting at a path such as `position.groups` or `kernels[2]` below this one; this setting
  /// for an empty path.
  package func found(at path: String) -> Setting? {
    path.split(whereSeparator: { ".[]".contains($0) }).reduce(self as Setting?) { setting, name in
      guard case .list(let elements) = setting?.content else { return setting?[String(name)] }
      return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    }
  }

  /// Whether both settings have the same content, at any places.
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

  /// The setting on one line, as in YAML.
  package var inlined: String {
    switch content {
    case .null: "null"
    case .scalar(let word, _): word
    case .list(let elements): "[" + elements.map(\.inlined).joined(separator: ", ") + "]"
    case .group(let fields):
      "{" + fields.map { "\($0.name): \($0.value.inlined)" }.joined(separator: ", ") + "}"
    }
  }

  /// A description of the content for "expected a number, found …".
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

/// A coding key created at run time: a name, or an index of a list.
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
