/// A configuration that a recipe may give as one path, which is the value of one of its settings:
/// `codec: models/encodec` for `codec: { model: models/encodec }`.
public protocol GivenByPath: Configuration {
  /// The setting that the path is the value of, a `RecipePath`.
  static var pathSetting: String { get }
}
