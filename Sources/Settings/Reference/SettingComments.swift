/// The `///` comments of properties and cases, by the full name of the Swift type and the name in
/// it.
///
/// A program cannot read its own comments, so they are stored in a file generated from the sources.
public struct SettingComments: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// `["Optimisation.AdamW.Config": ["beta1": "Decay of the first moment."]]`
  public var types: [String: [String: String]]

  /// Comments by type.
  public init(types: [String: [String: String]]) { self.types = types }

  /// Comments by type.
  public init(dictionaryLiteral types: (String, [String: String])...) {
    self.init(types: Dictionary(uniqueKeysWithValues: types))
  }

  func comment(on name: String, of type: String) -> String { types[type]?[name] ?? "" }
}
