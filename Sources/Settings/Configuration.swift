/// The numbers that a paper would print for one part, as they stand in a recipe.
///
/// Nested in the type it configures; the property defaults are the paper's. A key that a recipe
/// leaves out keeps the default of `init()`.
public protocol Configuration: Codable, Sendable, Equatable {
  /// The defaults.
  init()
  /// Settings of published recipes that there are not here on purpose, and why: what a recipe that names
  /// one is told. Names in lower case without underscores, to be found however they are written.
  static var refusals: [String: String] { get }
  /// What the `///` above each of its settings and of those inside them says, for `SettingReference`, which takes
  /// them from the outermost configuration.
  static var comments: SettingComments { get }
  /// Checks the ranges of its own numbers, and how its parts fit together. Reading a recipe calls this for
  /// every configuration in it, the inner ones first: a configuration that is nested in this one is already
  /// checked.
  /// - Throws: `InvalidSetting`.
  func validate() throws(InvalidSetting)
}

extension Configuration {
  /// Nothing but what is unknown is refused.
  public static var refusals: [String: String] { [:] }
  /// No comments.
  public static var comments: SettingComments { [:] }
  /// Every value of the right type is accepted.
  public func validate() throws(InvalidSetting) {}
}
