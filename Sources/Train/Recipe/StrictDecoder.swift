import Tensor

/// Decodes a value from what a recipe says, over defaults, and refuses what nobody asked for.
///
/// A synthesised `init(from:)` ignores property defaults and unknown keys. This decoder answers a
/// missing key from the defaults, which are the encoded `init()` of the outermost
/// `Configuration` that the key belongs to, and keeps the names that were asked for.
final class StrictDecoder: Decoder {
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  /// What the recipe says here; `nil` when it says nothing.
  fileprivate let written: Setting?
  fileprivate let defaults: Setting?
  private var asked: [String]?
  /// Why some names are not to be had here, see `Configuration.refusals`.
  private var refusals: [String: String] = [:]
  private var nested: [StrictDecoder] = []
  /// How many elements of a list were asked for.
  fileprivate var taken: Int?
  /// Reads the files of recipes that stand in this one.
  private let files: RecipeFiles

  fileprivate init(
    written: Setting?, defaults: Setting?, codingPath: [any CodingKey], files: RecipeFiles
  ) {
    self.written = written
    self.defaults = defaults
    self.codingPath = codingPath
    self.files = files
  }

  /// The value that `setting` says, over the defaults of `T`, each part checked.
  ///
  /// - Parameter files: What read `setting`.
  static func decode<T: Configuration>(
    _ type: T.Type, from setting: Setting, files: RecipeFiles = RecipeFiles()
  ) throws -> T {
    let defaults = try SettingEncoder.encode(T())
    return try StrictDecoder(written: setting, defaults: defaults, codingPath: [], files: files)
      .decode(type)
  }

  fileprivate var setting: Setting? { written ?? defaults }

  fileprivate func failure(_ reason: String) -> RecipeError {
    .setting(place: setting?.place ?? .defaults, path: settingPath(codingPath), reason: reason)
  }

  fileprivate func mismatch(_ expectation: String) -> RecipeError {
    failure("expected \(expectation), found \(setting?.summary ?? "nothing")")
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard setting?.fields != nil else { throw mismatch("a group of settings") }
    asked = asked ?? []
    return KeyedDecodingContainer(Fields(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let elements) = setting?.content else { throw mismatch("a list") }
    return Elements(decoder: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { One(decoder: self) }
}

// MARK: - Values

extension StrictDecoder {
  fileprivate func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if let scalar = type as? any SettingScalar.Type, let value = try word(scalar) as? T {
      return value
    }
    let decoder = try StrictDecoder(
      written: expanded(for: type), defaults: defaults(for: type), codingPath: codingPath,
      files: files)
    decoder.refusals = (type as? any Configuration.Type)?.refusals ?? [:]
    let value = try decoder.value(type)
    try decoder.refuseUnasked()
    if let configuration = value as? any Configuration { try decoder.check(configuration) }
    return value
  }

  /// What a configuration refuses gets the place where it was written.
  private func check(_ configuration: some Configuration) throws {
    do {
      try configuration.validate()
    } catch {
      let path = settingPath(codingPath)
      let whole = path.isEmpty || error.path.isEmpty ? path + error.path : path + "." + error.path
      throw RecipeError.setting(
        place: place(of: error), path: whole, reason: error.reason)
    }
  }

  /// That of the setting; if it is a default, that of one it contradicts, or of the group around them.
  private func place(of error: InvalidSetting) -> RecipePlace {
    let paths = ([error.path] + error.others).filter { !$0.isEmpty }
    let settings = paths.compactMap { written?.found(at: $0) }
    return (settings.first ?? written ?? defaults)?.place ?? .defaults
  }

  private func word<T: SettingScalar>(_ type: T.Type) throws -> T {
    guard case .scalar(let word, let isQuoted) = setting?.content,
      let value = T(word: word, isQuoted: isQuoted)
    else { throw mismatch(T.expectation) }
    let path = (value as? RecipePath)?.resolved(at: setting?.place ?? .defaults)
    return path as? T ?? value
  }

  /// What the recipe says here; of a recipe in a recipe, what its file says.
  private func expanded(for type: Any.Type) throws -> Setting? {
    guard type is any NamedByFile.Type, !codingPath.isEmpty else { return written }
    return try written.map { try files.expanded($0, at: codingPath) }
  }

  /// A configuration completes what is written; any other value is written whole.
  private func defaults(for type: Any.Type) throws -> Setting? {
    guard written != nil else { return defaults }
    guard let configuration = type as? any Configuration.Type else { return nil }
    return try defaults?.fields == nil ? SettingEncoder.encode(configuration.init()) : defaults
  }

  /// Runs the type's own `init(from:)`; what it throws by itself gets a place and a path.
  private func value<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      return try T(from: self)
    } catch DecodingError.dataCorrupted where type is ClosedRange<Int>.Type {
      throw mismatch("two whole numbers, the smaller one first")
    } catch DecodingError.dataCorrupted(let context) {
      let names = (type as? any CaseIterable.Type).map { caseNames($0) } ?? []
      throw names.isEmpty ? failure(context.debugDescription) : notOne(of: names)
    }
  }

  private func notOne(of names: [String]) -> RecipeError {
    guard case .scalar(let word, _) = setting?.content,
      let name = nearestName(to: word, among: names)
    else { return mismatch("one of " + names.joined(separator: ", ")) }
    return failure(
      "expected one of \(names.joined(separator: ", ")), found '\(word)'; did you mean '\(name)'?")
  }
}

private func caseNames<T: CaseIterable>(_ type: T.Type) -> [String] {
  type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
}

// MARK: - Names

extension StrictDecoder {
  /// The decoder of one field or element.
  fileprivate func child(
    _ key: any CodingKey, written: Setting?, defaults: Setting?
  ) -> StrictDecoder {
    let child = StrictDecoder(
      written: written, defaults: defaults, codingPath: codingPath + [key], files: files)
    nested.append(child)
    return child
  }

  fileprivate func field(_ key: any CodingKey) -> StrictDecoder {
    ask(key.stringValue)
    return child(key, written: written?[key.stringValue], defaults: defaults?[key.stringValue])
  }

  fileprivate func ask(_ name: String) {
    if asked?.contains(name) != true { asked = (asked ?? []) + [name] }
  }

  /// Names that can be decoded here, those of the recipe first.
  fileprivate var names: [String] {
    let mine = (written?.fields ?? []).map(\.name)
    return mine + (defaults?.fields ?? []).map(\.name).filter { !mine.contains($0) }
  }

  fileprivate func refuseUnasked() throws {
    if let asked, let field = written?.fields?.first(where: { !asked.contains($0.name) }) {
      throw unknown(field, among: asked)
    }
    if let taken, case .list(let elements) = written?.content, taken < elements.count {
      throw failure("expected \(taken) elements, found \(elements.count)")
    }
    try nested.forEach { try $0.refuseUnasked() }
  }

  private func unknown(_ field: Setting.Field, among names: [String]) -> RecipeError {
    let place = field.value.place
    let path = settingPath(codingPath + [SettingKey(field.name)])
    if let reason = refusals[field.name.lowercased().replacing("_", with: "")] {
      return .setting(place: place, path: path, reason: reason)
    }
    let remedy =
      nearestName(to: field.name, among: names).map { "did you mean '\($0)'?" }
      ?? "there are: " + names.joined(separator: ", ")
    return .setting(place: place, path: path, reason: "no such setting; " + remedy)
  }
}

// MARK: - Containers

private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
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

private struct Elements: UnkeyedDecodingContainer {
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

private struct One: SingleValueDecodingContainer {
  let decoder: StrictDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.setting?.isNull ?? true }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}
