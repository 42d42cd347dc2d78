/// A decoder that records the settings that a configuration decodes.
final class SettingRecorder: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let owner: String
  private let defaults: Setting
  private let describer: SettingDescriber
  private(set) var fields: [SettingReference.Field] = []
  private var optional: Set<String> = []

  init(owner: String, _ defaults: Setting, describer: SettingDescriber) {
    (self.owner, self.defaults, self.describer) = (owner, defaults, describer)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RecordedFields(recorder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw refusal }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw refusal }

  /// The error for a configuration that is not decoded as a group of settings.
  fileprivate var refusal: DecodingError {
    .dataCorrupted(
      .init(codingPath: [], debugDescription: "\(owner) decodes something else than its properties")
    )
  }

  fileprivate func markOptional(_ name: String) { optional.insert(name) }

  fileprivate func value<T: Decodable>(_ type: T.Type, named name: String) -> T {
    let standard = defaults[name]
    let (kind, value) = describer.setting(type, standard: standard)
    fields.append(
      SettingReference.Field(
        name: name, type: kind, isOptional: optional.contains(name),
        comment: describer.comments.comment(on: name, of: owner),
        standard: standard ?? Setting(content: .null)))
    return value
  }
}

private struct RecordedFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let recorder: SettingRecorder
  let codingPath: [any CodingKey] = []
  let allKeys: [Key] = []

  func contains(_ key: Key) -> Bool { true }

  /// Called for optional properties only.
  func decodeNil(forKey key: Key) -> Bool {
    recorder.markOptional(key.stringValue)
    return false
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) -> T {
    recorder.value(type, named: key.stringValue)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw recorder.refusal }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw recorder.refusal
  }

  func superDecoder() throws -> any Decoder { throw recorder.refusal }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw recorder.refusal }
}
