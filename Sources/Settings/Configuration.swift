/// The settings of one component as a recipe gives them: the hyperparameters that a paper would
/// print.
///
/// Nested in the type that it configures. The defaults are those of the paper. A key that a recipe
/// omits keeps the default of `init()`.
public protocol Configuration: Codable, Sendable, Equatable {
  /// The defaults.
  init()
  /// Settings of published recipes that are deliberately not supported, with the reason that an
  /// error gives. The names are in lower case without underscores, so that any spelling is found.
  static var refusals: [String: String] { get }
  /// The `///` comments of its settings, and of those nested in it, for `SettingReference`, which
  /// takes them from the outermost configuration.
  static var comments: SettingComments { get }
  /// Checks the ranges of the settings and how they fit together. Reading a recipe calls this for
  /// every configuration in it, nested ones first, so that nested configurations are already
  /// checked.
  /// - Throws: `InvalidSetting`.
  func validate() throws(InvalidSetting)
}

extension Configuration {
  /// No settings.
  public static var refusals: [String: String] { [:] }
  /// No comments.
  public static var comments: SettingComments { [:] }
  /// Accepts every value of the right type.
  public func validate() throws(InvalidSetting) {}
}
