/// The numbers that a paper would print for one part, as they stand in a recipe.
///
/// Nested in the type it configures; the property defaults are the paper's. A key that a recipe
/// leaves out keeps the default of `init()`.
public protocol Configuration: Codable, Sendable, Equatable {
  /// The defaults.
  init()
}
