/// Encodes any `Encodable` value as settings: keys in the order of declaration, nil as null.
package final class SettingEncoder: Encoder {
  package let codingPath: [any CodingKey]
  package var userInfo: [CodingUserInfoKey: Any] { [:] }
  private var content = Content.scalar(Setting(content: .null))
  /// The encoded value.
  private var value: (any Encodable)?
  /// The type of the value, if it is a configuration.
  private var type: (any Configuration.Type)? {
    value.flatMap { Swift.type(of: $0) as? any Configuration.Type }
  }

  private enum Content {
    case scalar(Setting)
    case list([SettingEncoder])
    case group([(name: String, value: SettingEncoder)])

    var children: [SettingEncoder] {
      switch self {
      case .scalar: []
      case .list(let elements): elements
      case .group(let fields): fields.map(\.value)
      }
    }
  }

  private init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  /// The settings that decode to `value`.
  package static func encode(_ value: some Encodable) throws -> Setting {
    let encoder = SettingEncoder(codingPath: [])
    try encoder.encode(value)
    return encoder.setting
  }

  /// The settings of `value` that differ from the defaults that `StrictDecoder` would use.
  package static func changes(in value: some Configuration) throws -> Setting {
    let encoder = SettingEncoder(codingPath: [])
    try encoder.encode(value)
    return try encoder.changes(from: nil) ?? Setting(content: .group([]))
  }

  /// - Parameter inherited: The defaults at this position.
  /// - Returns: nil if no setting differs from them.
  private func changes(from inherited: Setting?) throws -> Setting? {
    switch content {
    case .scalar(let setting):
      return inherited.map { $0.isEqual(to: setting) } ?? setting.isNull ? nil : setting
    case .list(let elements):
      if let inherited, inherited.isEqual(to: setting) { return nil }
      return Setting(
        content: .list(
          try elements.map { try $0.changes(from: nil) ?? Setting(content: .group([])) }))
    case .group(let fields):
      let isInherited = inherited?.fields != nil
      let defaults =
        isInherited ? inherited : try type.map { try SettingEncoder.encode($0.init()) }
      let changed = try fields.compactMap { name, value in
        try value.changes(from: defaults?[name]).map { Setting.Field(name: name, value: $0) }
      }
      return changed.isEmpty && isInherited ? nil : Setting(content: .group(changed))
    }
  }

  /// The values in `configuration` that conform to `Part`, with their paths, in the order of
  /// declaration, without values inside such a value.
  fileprivate static func parts<Part>(
    of configuration: some Configuration
  ) -> [(path: String, value: Part)] {
    let encoder = SettingEncoder(codingPath: [])
    do {
      try encoder.encode(configuration)
    } catch {
      fatalError("\(Swift.type(of: configuration)) cannot be encoded: \(error)")
    }
    return encoder.content.children.flatMap { $0.parts() }
  }

  private func parts<Part>() -> [(path: String, value: Part)] {
    if let part = value as? Part { return [(settingPath(codingPath), part)] }
    return content.children.flatMap { $0.parts() }
  }

  fileprivate func encode(_ value: some Encodable) throws {
    self.value = value
    if let scalar = value as? any SettingScalar {
      content = .scalar(scalar.setting)
    } else {
      try value.encode(to: self)
    }
  }

  private var setting: Setting {
    switch content {
    case .scalar(let setting): setting
    case .list(let elements): Setting(content: .list(elements.map(\.setting)))
    case .group(let fields):
      Setting(
        content: .group(fields.map { Setting.Field(name: $0.name, value: $0.value.setting) }))
    }
  }

  fileprivate func child(named key: any CodingKey) -> SettingEncoder {
    let child = SettingEncoder(codingPath: codingPath + [key])
    guard case .group(let fields) = content else { return child }
    content = .group(fields + [(key.stringValue, child)])
    return child
  }

  fileprivate var count: Int {
    if case .list(let elements) = content { elements.count } else { 0 }
  }

  fileprivate func nextElement() -> SettingEncoder {
    let child = SettingEncoder(codingPath: codingPath + [SettingKey(count)])
    guard case .list(let elements) = content else { return child }
    content = .list(elements + [child])
    return child
  }

  package func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .group = content {} else { content = .group([]) }
    return KeyedEncodingContainer(Fields(encoder: self))
  }

  package func unkeyedContainer() -> any UnkeyedEncodingContainer {
    content = .list([])
    return Elements(encoder: self)
  }

  package func singleValueContainer() -> any SingleValueEncodingContainer { One(encoder: self) }
}

extension Configuration {
  /// The values in this configuration that conform to `Part`, in the order of declaration. Values
  /// inside such a value are not included.
  public func parts<Part>(_ type: Part.Type) -> [Part] {
    placedParts(type).map(\.value)
  }

  /// The same values, each with its path in this configuration: `kmeans[0]`.
  public func placedParts<Part>(_ type: Part.Type) -> [(path: String, value: Part)] {
    SettingEncoder.parts(of: self)
  }
}

private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: SettingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) { _ = encoder.child(named: key) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try encoder.child(named: key).encode(value)
  }

  // Nil values are written, too, because they may clear a default.
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }

  private func optional(_ value: (some Encodable)?, _ key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder.child(named: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.child(named: key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.child(named: SettingKey("super")) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder.child(named: key) }
}

private struct Elements: UnkeyedEncodingContainer {
  let encoder: SettingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.count }

  func encodeNil() { _ = encoder.nextElement() }
  func encode<T: Encodable>(_ value: T) throws { try encoder.nextElement().encode(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    encoder.nextElement().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder.nextElement().unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.nextElement() }
}

private struct One: SingleValueEncodingContainer {
  let encoder: SettingEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() {}
  func encode<T: Encodable>(_ value: T) throws { try encoder.encode(value) }
}
