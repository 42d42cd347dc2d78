extension SettingReference {
  /// A JSON schema (draft 7) for files with such a configuration. An editor with it offers
  /// names and values, shows the comments, and marks unknown names, wrong types and numbers out of
  /// range.
  ///
  /// Text and paths may be written as any scalar, as for `StrictDecoder`. The schema does not
  /// contain rules between settings.
  ///
  /// - Parameter title: The title of the schema.
  public func schema(title: String) -> String {
    let head = [
      Setting.Field("$schema", .text("http://json-schema.org/draft-07/schema#")),
      Setting.Field("title", .text(title)),
    ]
    return Setting(content: .group(head + group(extending: true))).json() + "\n"
  }

  /// - Parameter extending: Whether the group may have `extends`: it is a file, or may be one.
  fileprivate func group(extending: Bool) -> [Setting.Field] {
    let properties = fields.map { Setting.Field($0.name, Setting(content: .group($0.schema))) }
    return [
      Setting.Field("type", .text("object")),
      Setting.Field(
        "properties",
        Setting(content: .group((extending ? [SettingReference.extends] : []) + properties))),
      Setting.Field("additionalProperties", .word("false")),
    ]
  }

  private static let extends = Setting.Field(
    "extends",
    .group([
      Setting.Field(
        "description",
        .text(
          "Files that hold what this one does not say, relative to it; of several, the later over the "
            + "earlier.")),
      Setting.Field(
        "anyOf",
        .list([
          .group(Setting.aPath),
          .group([
            Setting.Field("type", .text("array")), Setting.Field("items", .group(Setting.aPath)),
          ]),
        ])),
    ]))
}

extension SettingReference.Field {
  fileprivate var schema: [Setting.Field] {
    let description = comment.isEmpty ? [] : [Setting.Field("description", .text(comment))]
    return description + (isOptional ? type.schema.map(\.orNull) : type.schema)
      + [Setting.Field("default", standard.plain)]
  }
}

extension SettingType {
  fileprivate var schema: [Setting.Field] {
    switch self {
    case .truth: [.init("type", .text("boolean"))]
    case .number(let isWhole, let range):
      [.init("type", .text(isWhole ? "integer" : "number"))] + range.schema
    case .text: [.init("type", Setting.anyWord)]
    case .path: Setting.aPath
    case .choice(let choices, _):
      [
        .init("type", .text("string")),
        .init("enum", .list(choices.map { .text($0.name) })),
        .init("enumDescriptions", .list(choices.map { .text($0.comment) })),
      ]
    case .pair(let range):
      Self.list(SettingType.number(isWhole: true, range)) + [
        .init("minItems", .word("2")), .init("maxItems", .word("2")),
      ]
    case .list(let element): Self.list(element)
    case .dictionary(let value):
      [.init("type", .text("object")), .init("additionalProperties", .group(value.schema))]
    case .group(let reference): reference.group(extending: false)
    case .pathOrGroup(_, let reference):
      [
        .init(
          "anyOf", .list([.group(Setting.aPath), .group(reference.group(extending: false))]))
      ]
    case .recipe(let reference):
      [
        .init(
          "anyOf",
          .list([
            .group(Setting.aPath),
            .group(reference?.group(extending: true) ?? [.init("$ref", .text("#"))]),
          ]))
      ]
    }
  }

  private static func list(_ element: SettingType) -> [Setting.Field] {
    [.init("type", .text("array")), .init("items", .group(element.schema))]
  }
}

extension SettingRange {
  fileprivate var schema: [Setting.Field] {
    let limits = [
      lower.map { ($0.isAllowed ? "minimum" : "exclusiveMinimum", $0) },
      upper.map { ($0.isAllowed ? "maximum" : "exclusiveMaximum", $0) },
    ]
    return limits.compactMap { $0 }.map { Setting.Field($0, .word($1.number)) }
  }
}

extension Setting.Field {
  fileprivate init(_ name: String, _ value: Setting) { self.init(name: name, value: value) }

  /// The keyword of a schema, changed so that it also allows `null`.
  fileprivate var orNull: Setting.Field {
    let null: Setting? =
      switch name {
      case "type": .text("null")
      case "enum": Setting(content: .null)
      case "enumDescriptions": .text("Absent.")
      case "anyOf": .group([Setting.Field("type", .text("null"))])
      default: nil
      }
    guard let null else { return self }
    guard case .list(let others) = value.content else { return .init(name, .list([value, null])) }
    return .init(name, .list(others + [null]))
  }
}

extension Setting {
  fileprivate static func text(_ text: String) -> Setting {
    Setting(content: .scalar(text, isQuoted: true))
  }
  fileprivate static func word(_ word: String) -> Setting {
    Setting(content: .scalar(word, isQuoted: false))
  }
  fileprivate static func list(_ elements: [Setting]) -> Setting {
    Setting(content: .list(elements))
  }
  fileprivate static func group(_ fields: [Field]) -> Setting { Setting(content: .group(fields)) }

  fileprivate static let anyWord = list([.text("string"), .text("number"), .text("boolean")])
  fileprivate static let aPath = [Field("type", anyWord), Field("minLength", .word("1"))]
}
