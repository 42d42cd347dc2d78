/// Decodes a value from a recipe over defaults, and refuses unknown settings.
///
/// A synthesised `init(from:)` ignores property defaults and unknown keys. This decoder gives a
/// missing key its default, from the encoded `init()` of the outermost `Configuration` that the key
/// belongs to. It also records the keys that are decoded, to find those that are not.
package final class StrictDecoder: Decoder {
  /// Returns the settings of a `NamedByFile`, which may be the path of another file.
  package typealias Expansion = (_ setting: Setting, _ keys: [any CodingKey]) throws -> Setting

  package let codingPath: [any CodingKey]
  package var userInfo: [CodingUserInfoKey: Any] { [:] }
  /// The settings of the recipe at this position; `nil` if it has none.
  let written: Setting?
  let defaults: Setting?
  private var asked: [String]?
  /// The reasons for settings that are refused here, see `Configuration.refusals`.
  private var refusals: [String: String] = [:]
  private var nested: [StrictDecoder] = []
  /// The number of elements of a list that were decoded.
  var taken: Int?
  /// Reads a recipe that this recipe names by its file.
  private let expand: Expansion
  /// Whether configurations are validated.
  private let checksValues: Bool

  fileprivate init(
    written: Setting?, defaults: Setting?, codingPath: [any CodingKey],
    expand: @escaping Expansion, checksValues: Bool
  ) {
    self.written = written
    self.defaults = defaults
    self.codingPath = codingPath
    self.expand = expand
    self.checksValues = checksValues
  }

  /// Decodes `setting` over the defaults of `T`.
  ///
  /// - Parameters:
  ///   - checkingValues: Whether each configuration is validated.
  ///   - expand: Returns the settings of a `NamedByFile`, from its setting and its position.
  package static func decode<T: Configuration>(
    _ type: T.Type, from setting: Setting, checkingValues: Bool = true,
    expand: @escaping Expansion = { setting, _ in setting }
  ) throws -> T {
    let defaults = try SettingEncoder.encode(T())
    return try StrictDecoder(
      written: setting, defaults: defaults, codingPath: [], expand: expand,
      checksValues: checkingValues
    ).decode(type)
  }

  /// The value that `setting` says by itself.
  static func value<T: Decodable>(_ type: T.Type, from setting: Setting) throws -> T {
    try StrictDecoder(
      written: setting, defaults: nil, codingPath: [], expand: { setting, _ in setting },
      checksValues: false
    ).decode(type)
  }

  var setting: Setting? { written ?? defaults }

  func failure(_ reason: String) -> RecipeError {
    .setting(place: setting?.place ?? .defaults, path: settingPath(codingPath), reason: reason)
  }

  fileprivate func mismatch(_ expectation: String) -> RecipeError {
    failure("expected \(expectation), found \(setting?.summary ?? "nothing")")
  }

  package func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<
    Key
  > {
    guard setting?.fields != nil else { throw mismatch("a group of settings") }
    asked = asked ?? []
    return KeyedDecodingContainer(DecodedFields(decoder: self))
  }

  package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let elements) = setting?.content else { throw mismatch("a list") }
    return DecodedElements(decoder: self, elements: elements)
  }

  package func singleValueContainer() -> any SingleValueDecodingContainer {
    DecodedWord(decoder: self)
  }
}

// MARK: - Values

extension StrictDecoder {
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if let scalar = type as? any SettingScalar.Type, let value = try word(scalar) as? T {
      return value
    }
    let decoder = try StrictDecoder(
      written: expanded(for: type), defaults: defaults(for: type), codingPath: codingPath,
      expand: expand, checksValues: checksValues)
    decoder.refusals = (type as? any Configuration.Type)?.refusals ?? [:]
    let value = try decoder.value(type)
    try decoder.refuseUnasked()
    if checksValues, let configuration = value as? any Configuration {
      try decoder.check(configuration)
    }
    return value
  }

  /// Validates a configuration; an error gets the place where the setting is written.
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

  /// The place of the setting. If that is a default, the place of a setting that contradicts it, or
  /// of the group around them.
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

  /// The settings of the recipe at this position; for a `NamedByFile`, the settings of its file; for a
  /// path that stands for a `GivenByPath`, a group with the path.
  private func expanded(for type: Any.Type) throws -> Setting? {
    if let type = type as? any GivenByPath.Type {
      return written?.givenByPath(as: type.pathSetting)
    }
    guard type is any NamedByFile.Type, !codingPath.isEmpty else { return written }
    return try written.map { try expand($0, codingPath) }
  }

  /// The defaults for what is written. Only a configuration has defaults; another value must be
  /// written completely.
  private func defaults(for type: Any.Type) throws -> Setting? {
    guard written != nil else { return defaults }
    guard let configuration = type as? any Configuration.Type else { return nil }
    return try defaults?.fields == nil ? SettingEncoder.encode(configuration.init()) : defaults
  }

  /// Runs the type's `init(from:)`; its own errors get a place and a path.
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

/// The names of the cases of `type` in recipes; empty if they are not text.
func caseNames<T: CaseIterable>(_ type: T.Type) -> [String] {
  type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
}

// MARK: - Names

extension StrictDecoder {
  /// The decoder of one field or element.
  func child(
    _ key: any CodingKey, written: Setting?, defaults: Setting?
  ) -> StrictDecoder {
    let child = StrictDecoder(
      written: written, defaults: defaults, codingPath: codingPath + [key],
      expand: expand, checksValues: checksValues)
    nested.append(child)
    return child
  }

  func field(_ key: any CodingKey) -> StrictDecoder {
    ask(key.stringValue)
    return child(key, written: written?[key.stringValue], defaults: defaults?[key.stringValue])
  }

  fileprivate func ask(_ name: String) {
    if asked?.contains(name) != true { asked = (asked ?? []) + [name] }
  }

  /// The names that can be decoded here, those of the recipe first.
  var names: [String] {
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
