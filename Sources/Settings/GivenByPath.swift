/// A configuration that a recipe may give as one path, which is the value of one of its settings:
/// `codec: models/encodec` for `codec: { model: models/encodec }`.
public protocol GivenByPath: Configuration {
  /// The setting that the path is the value of, a `RecipePath`.
  static var pathSetting: String { get }
}

extension Setting {
  /// A path as a group in which it is the setting `name`. A path of which `--set` changes a setting is a group that
  /// extends it (`CommandLineSetting`). Other contents stay.
  func givenByPath(as name: String) -> Setting {
    switch content {
    case .scalar: Setting(content: .group([Field(name: name, value: self)]), place: place)
    case .group(let fields):
      Setting(
        content: .group(
          fields.map { $0.name == "extends" ? Field(name: name, value: $0.value) : $0 }),
        place: place)
    default: self
    }
  }
}
