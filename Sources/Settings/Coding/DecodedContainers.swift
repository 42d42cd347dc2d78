// The containers that `StrictDecoder` passes to a type that decodes itself.

/// The fields of a group.
struct DecodedFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: StrictDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { decoder.names.compactMap(Key.init(stringValue:)) }

  func contains(_ key: Key) -> Bool {
    decoder.field(key).setting != nil
  }

  func decodeNil(forKey key: Key) -> Bool {
    decoder.field(key).setting?.isNull ?? true
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try present(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try present(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try present(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder.field(SettingKey("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { decoder.field(key) }

  private func present(_ key: Key) throws -> StrictDecoder {
    let field = decoder.field(key)
    guard field.setting != nil else {
      throw decoder.failure("'\(key.stringValue)' is missing and has no default")
    }
    return field
  }
}

/// The elements of a list.
struct DecodedElements: UnkeyedDecodingContainer {
  let decoder: StrictDecoder
  let elements: [Setting]
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }
  private(set) var currentIndex = 0

  init(decoder: StrictDecoder, elements: [Setting]) {
    self.decoder = decoder
    self.elements = elements
  }

  mutating func decodeNil() -> Bool {
    guard !isAtEnd, elements[currentIndex].isNull else { return false }
    currentIndex += 1
    decoder.taken = currentIndex
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try next() }

  private mutating func next() throws -> StrictDecoder {
    guard !isAtEnd else { throw decoder.failure("expected more than \(elements.count) elements") }
    defer { currentIndex += 1 }
    decoder.taken = currentIndex + 1
    let element = elements[currentIndex]
    let isWritten = decoder.written != nil
    return decoder.child(
      SettingKey(currentIndex), written: isWritten ? element : nil,
      defaults: isWritten ? nil : element)
  }
}

/// A single value.
struct DecodedWord: SingleValueDecodingContainer {
  let decoder: StrictDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.setting?.isNull ?? true }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}
