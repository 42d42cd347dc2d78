import Foundation
import Settings
import Testing

/// The part of JSON schema (draft 7) that `SettingReference` writes, and no other.
package final class JSONSchema: Decodable, Sendable {
  private enum Keyword: String, CodingKey, CaseIterable {
    case schema = "$schema", title, description, standard = "default", enumDescriptions
    case type, names = "enum", anyOf, reference = "$ref"
    case properties, additionalProperties, items, minItems, maxItems, minLength
    case minimum, exclusiveMinimum, maximum, exclusiveMaximum
  }

  private let types: [String]?
  private let names: [String?]?
  private let anyOf: [JSONSchema]?
  private let reference: String?
  private let properties: [String: JSONSchema]?
  private let takesOthers: Bool
  private let others: JSONSchema?
  private let items: JSONSchema?
  private let counts: (least: Int?, most: Int?)
  private let minLength: Int?
  private let limits: (least: Double?, above: Double?, most: Double?, below: Double?)

  package static func reading(_ text: String) throws -> JSONSchema {
    try JSONDecoder().decode(JSONSchema.self, from: Data(text.utf8))
  }

  /// Fails on a keyword that is not checked here.
  package init(from decoder: any Decoder) throws {
    let written = try decoder.container(keyedBy: SettingKey.self).allKeys.map(\.stringValue)
    let unknown = written.filter { Keyword(rawValue: $0) == nil }
    try #require(unknown.isEmpty, "no test checks \(unknown)")
    let container = try decoder.container(keyedBy: Keyword.self)
    func value<T: Decodable>(_ keyword: Keyword, as type: T.Type = T.self) throws -> T? {
      try container.decodeIfPresent(T.self, forKey: keyword)
    }
    types = try (try? value(.type, as: String.self).map { [$0] }) ?? value(.type)
    names = try value(.names)
    anyOf = try value(.anyOf)
    reference = try value(.reference)
    properties = try value(.properties)
    takesOthers = (try? value(.additionalProperties, as: Bool.self)) != false
    others = takesOthers ? try value(.additionalProperties) : nil
    items = try value(.items)
    counts = (try value(.minItems), try value(.maxItems))
    minLength = try value(.minLength)
    limits = (
      try value(.minimum), try value(.exclusiveMinimum), try value(.maximum),
      try value(.exclusiveMaximum)
    )
  }

  /// What is wrong with a setting, each with its path; empty if nothing is.
  package func flaws(of setting: Setting) -> [String] { flaws(of: setting, "", root: self) }

  private func flaws(of setting: Setting, _ path: String, root: JSONSchema) -> [String] {
    if let reference {
      return reference == "#"
        ? root.flaws(of: setting, path, root: root) : ["\(path): unknown $ref \(reference)"]
    }
    if let anyOf, anyOf.allSatisfy({ !$0.flaws(of: setting, path, root: root).isEmpty }) {
      return ["\(path): none of \(anyOf.count) forms"]
    }
    if let types, Set(types).isDisjoint(with: setting.types) {
      return ["\(path): \(setting.types) is not one of \(types)"]
    }
    switch setting.content {
    case .null: return names?.contains(nil) == false ? ["\(path): null"] : []
    case .scalar(let word, let isQuoted): return flaws(of: word, isQuoted, path)
    case .list(let elements): return flaws(of: elements, path, root)
    case .group(let fields): return fields.flatMap { flaws(of: $0, path, root) }
    }
  }

  private func flaws(of word: String, _ isQuoted: Bool, _ path: String) -> [String] {
    if let names, !names.contains(word) { return ["\(path): '\(word)' is not one of \(names)"] }
    if let minLength, word.count < minLength { return ["\(path): too short"] }
    guard !isQuoted, let number = Double(word) else { return [] }
    let isInside =
      number >= limits.least ?? -.infinity && number <= limits.most ?? .infinity
      && limits.above.map { number > $0 } != false && limits.below.map { number < $0 } != false
    return isInside ? [] : ["\(path): \(word) is out of range"]
  }

  private func flaws(of elements: [Setting], _ path: String, _ root: JSONSchema) -> [String] {
    let isCounted = elements.count >= counts.least ?? 0 && elements.count <= counts.most ?? .max
    return (isCounted ? [] : ["\(path): \(elements.count) elements"])
      + elements.enumerated().flatMap { number, element in
        items?.flaws(of: element, "\(path)[\(number)]", root: root) ?? []
      }
  }

  private func flaws(of field: Setting.Field, _ path: String, _ root: JSONSchema) -> [String] {
    let inner = path.isEmpty ? field.name : "\(path).\(field.name)"
    if let schema = properties?[field.name] ?? others {
      return schema.flaws(of: field.value, inner, root: root)
    }
    return takesOthers ? [] : ["\(inner): no such setting"]
  }
}

extension Setting {
  /// What JSON calls it, as a reader of YAML 1.2 takes it.
  fileprivate var types: [String] {
    switch content {
    case .null: return ["null"]
    case .list: return ["array"]
    case .group: return ["object"]
    case .scalar(_, isQuoted: true): return ["string"]
    case .scalar(let word, isQuoted: false):
      if ["true", "True", "TRUE", "false", "False", "FALSE"].contains(word) { return ["boolean"] }
      guard word.contains(where: \.isNumber), let number = Double(word) else { return ["string"] }
      return number == number.rounded() ? ["number", "integer"] : ["number"]
    }
  }
}
