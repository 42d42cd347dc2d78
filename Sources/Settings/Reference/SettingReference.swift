/// All settings of a configuration, found from its Swift type, for a page of documentation and a
/// schema for editors.
///
/// Names, types, optionals and choices are those that the type decodes. Defaults are those that its
/// `init()` encodes. Ranges are those that its `validate()` passes to `require(_:_:in:)`. Comments
/// are the configuration's `comments`.
public struct SettingReference: Sendable {
  /// One setting.
  public struct Field: Sendable {
    /// The name of the setting in its group.
    public let name: String
    /// The type of the value in a recipe.
    public internal(set) var type: SettingType
    /// Whether a recipe may write `null`.
    public let isOptional: Bool
    /// The `///` comment of the property, on one line; empty if there is none.
    public let comment: String
    /// The default.
    package let standard: Setting
  }

  /// The settings, in the order of declaration.
  public let fields: [Field]
  /// The full name of the Swift type, the key of its comments.
  package let owner: String

  /// The settings of `type`, with its comments.
  /// - Traps when: a property is of a type that no recipe can write, or a configuration holds
  ///   itself and is not `NamedByFile`.
  public init<T: Configuration>(of type: T.Type) { self.init(of: type, comments: type.comments) }

  /// The settings of `type`, with other comments.
  package init<T: Configuration>(of type: T.Type, comments: SettingComments) {
    let describer = SettingDescriber(outermost: type, comments: comments)
    self = describer.group(type, standard: nil).reference
  }

  init(fields: [Field], owner: String) { (self.fields, self.owner) = (fields, owner) }
}

/// The type of a setting's value, as a recipe writes it.
public indirect enum SettingType: Sendable {
  /// `true` or `false`.
  case truth
  /// A number within a range.
  case number(isWhole: Bool, SettingRange)
  /// Any text.
  case text
  /// The path of a file or folder.
  case path
  /// One of some names; `owner` is the full name of the Swift type.
  case choice([Choice], owner: String)
  /// Two whole numbers within a range, the smaller one first.
  case pair(SettingRange)
  /// Any number of values.
  case list(SettingType)
  /// A value for each of the names that the recipe chooses.
  case dictionary(SettingType)
  /// A group of settings.
  case group(SettingReference)
  /// A group of settings, or a path, which is the value of the named one of them.
  case pathOrGroup(setting: String, SettingReference)
  /// A recipe, by its file or in place; `nil` if it is one of those that the reference describes.
  case recipe(SettingReference?)

  /// One of the names that a setting may have as its value.
  public struct Choice: Sendable {
    /// The name in a recipe.
    public let name: String
    /// The `///` comment of the case, on one line; empty if there is none.
    public let comment: String
  }
}

extension SettingReference.Field {
  /// The unit of a number, which its comment names in the first sentence: `Hz` in "The sample rate,
  /// in Hz.".
  public var unit: String? {
    guard type.isNumeric else { return nil }
    let sentence = comment.firstRange(of: /\.( |$)/).map { comment[..<$0.lowerBound] }
    return (sentence ?? comment[...]).firstMatch(of: /, in ([^,;:()]+)/).map { String($0.1) }
  }
}

extension SettingType {
  fileprivate var isNumeric: Bool {
    switch self {
    case .number, .pair: true
    case .list(let element): element.isNumeric
    default: false
    }
  }
}
