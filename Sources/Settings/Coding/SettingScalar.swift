/// A value that a recipe writes as a single scalar.
package protocol SettingScalar {
  /// The noun for "expected …, found …".
  static var expectation: String { get }
  /// The name of the type in a reference.
  static var settingType: SettingType { get }
  /// `nil` if the word does not denote such a value.
  init?(word: String, isQuoted: Bool)
  /// The word that decodes to the same value.
  var word: String { get }
}

extension SettingScalar {
  /// Only text may need quotes.
  var setting: Setting {
    let isText = Self.self == String.self || Self.self == RecipePath.self
    return Setting(content: .scalar(word, isQuoted: isText))
  }
}

extension SettingScalar {
  /// A value that validates like any other: of numbers 1, by which one can divide.
  static var example: Self {
    Self(word: "1", isQuoted: false) ?? Self(word: "true", isQuoted: false)!
  }
}

extension Bool: SettingScalar {
  package static var expectation: String { "true or false" }
  package static var settingType: SettingType { .truth }
  package var word: String { description }

  package init?(word: String, isQuoted: Bool) {
    guard !isQuoted else { return nil }
    self.init(word.lowercased())
  }
}

extension String: SettingScalar {
  package static var expectation: String { "text" }
  package static var settingType: SettingType { .text }
  package var word: String { self }

  package init?(word: String, isQuoted: Bool) { self = word }
}

extension SettingScalar where Self: FixedWidthInteger {
  package static var expectation: String {
    Self.bitWidth == Int.bitWidth && Self.isSigned
      ? "a whole number" : "a whole number from \(Self.min) to \(Self.max)"
  }

  /// The range of an integer type; a 64-bit type has no limits, except 0 if it is unsigned.
  package static var settingType: SettingType {
    let isWide = Self.bitWidth >= Int.bitWidth
    func limit(_ number: Self) -> SettingRange.Limit { .init(number: number.description) }
    return .number(
      isWhole: true,
      SettingRange(
        lower: isWide && Self.isSigned ? nil : limit(.min), upper: isWide ? nil : limit(.max)))
  }

  package var word: String { description }

  /// Also accepts an exponent, as in `4e5`, a usual notation for numbers of steps.
  package init?(word: String, isQuoted: Bool) {
    guard !isQuoted, isDecimal(word) else { return nil }
    if let value = Self(word) {
      self = value
    } else if let value = Double(word).flatMap({ Self(exactly: $0) }), word.contains(where: \.isE) {
      self = value
    } else {
      return nil
    }
  }
}

extension Int: SettingScalar {}
extension Int8: SettingScalar {}
extension Int16: SettingScalar {}
extension Int32: SettingScalar {}
extension Int64: SettingScalar {}
extension UInt: SettingScalar {}
extension UInt8: SettingScalar {}
extension UInt16: SettingScalar {}
extension UInt32: SettingScalar {}
extension UInt64: SettingScalar {}

extension SettingScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
  package static var expectation: String { "a number" }
  package static var settingType: SettingType { .number(isWhole: false, .any) }

  /// The shortest digits that decode to the same value. Readers of YAML 1.1 require a point before
  /// an exponent.
  package var word: String {
    if isNaN { return ".nan" }
    if isInfinite { return self < 0 ? "-.inf" : ".inf" }
    let digits = description
    guard let e = digits.firstIndex(of: "e"), !digits.contains(".") else { return digits }
    return digits[..<e] + ".0" + digits[e...]
  }

  package init?(word: String, isQuoted: Bool) {
    guard !isQuoted else { return nil }
    switch word {
    case ".inf", "+.inf": self = .infinity
    case "-.inf": self = -.infinity
    default:
      guard isDecimal(word), let value = Self(word), value.isFinite else { return nil }
      self = value
    }
  }
}

extension Float: SettingScalar {}
extension Double: SettingScalar {}

/// Swift's parsers also accept `inf`, `nan` and hexadecimal floats, which are text in YAML.
private func isDecimal(_ word: String) -> Bool {
  word.contains(where: \.isNumber) && word.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
}

extension Character {
  fileprivate var isE: Bool { self == "e" || self == "E" }
}
