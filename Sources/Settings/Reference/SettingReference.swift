/// All settings of a configuration, read off its Swift type: what a page and an editor's schema show.
///
/// Names, types, optionals and choices are those that the type decodes; defaults are what its `init()` encodes;
/// ranges are what its `validate()` gives to `require(_:_:in:)`; comments are the configuration's `comments`.
public struct SettingReference: Sendable {
  /// One setting.
  public struct Field: Sendable {
    /// Its name in the group.
    public let name: String
    /// What a recipe may write.
    public internal(set) var type: SettingType
    /// Whether a recipe may write `null`.
    public let isOptional: Bool
    /// What the `///` above the property says, on one line; empty if there is none.
    public let comment: String
    /// The value without a recipe.
    package let standard: Setting
  }

  /// In the order of declaration.
  public let fields: [Field]
  /// The full name of the Swift type, by which its comments are found.
  package let owner: String

  /// The settings of `type`, with its comments.
  /// - Traps when: a property is of a type that no recipe can write, or a configuration holds itself and is not
  ///   `NamedByFile`.
  public init<T: Configuration>(of type: T.Type) { self.init(of: type, comments: type.comments) }

  /// The same with other comments.
  package init<T: Configuration>(of type: T.Type, comments: SettingComments) {
    let describer = SettingDescriber(outermost: type, comments: comments)
    self = describer.group(type, standard: nil).reference
  }

  init(fields: [Field], owner: String) { (self.fields, self.owner) = (fields, owner) }
}

/// What a recipe writes as the value of a setting.
public indirect enum SettingType: Sendable {
  /// `true` or `false`.
  case truth
  /// A number within a range.
  case number(isWhole: Bool, SettingRange)
  /// Any words.
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
  /// Settings with names.
  case group(SettingReference)
  /// A recipe, by its file or in place; `nil` if it is one of those that the reference describes.
  case recipe(SettingReference?)

  /// One of the names that a setting may have as its value.
  public struct Choice: Sendable {
    /// As a recipe writes it.
    public let name: String
    /// What the `///` above the case says, on one line; empty if there is none.
    public let comment: String
  }
}

extension SettingReference.Field {
  /// The unit of a number, which its comment names in the first sentence: `Hz` in "The sample rate, in Hz.".
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
