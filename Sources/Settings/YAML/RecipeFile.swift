import Settings

/// Reads and writes recipes: YAML over `extends:` over the defaults of a Swift type.
///
/// ```yaml
/// extends: ../base/hubert-base.yaml   # relative to this file; in a list, later files override
/// mask: { probability: 0.8 }          # merged key by key, child over parent
/// teacher: null                       # clears an optional setting
/// ```
public enum RecipeFile {
  /// The recipe that a file describes.
  ///
  /// A key that is missing in the file, its parents and `settings` keeps the default of its
  /// `Configuration`. This also holds inside optional and listed configurations that are present. A
  /// type that is not a `Configuration` must be written completely.
  ///
  /// - Parameters:
  ///   - type: The type to decode.
  ///   - path: The path of the file.
  ///   - settings: `path.to.key=value` with the value in YAML, applied last and in order; `key[0]`
  ///     is an element of a list.
  /// - Throws: `RecipeError`: unreadable files, invalid YAML, unknown names, wrong types, values
  ///   that a `Configuration` refuses, and cyclic `extends:`.
  public static func load<R: Configuration>(
    _ type: R.Type, from path: String, settings: [String] = []
  ) throws -> R {
    let files = RecipeFiles()
    let written = try files.read(path, from: [])
    return try StrictDecoder.decode(
      type, from: written.overlaid(with: settings), expand: files.expanded)
  }

  /// One top-level scalar of a file and its parents, with `settings` on top. It decides which type
  /// the recipe is decoded as.
  ///
  /// - Returns: The text and its place; nil if there is none.
  /// - Throws: `RecipeError`, as `load` does.
  public static func word(
    _ name: String, in path: String, settings: [String] = []
  ) throws -> (text: String, place: RecipePlace)? {
    let setting = try RecipeFiles().read(path, from: []).overlaid(with: settings)[name]
    guard let setting, case .scalar(let text, _) = setting.content else { return nil }
    return (text, setting.place)
  }

  /// The recipe that a run stored, with the current defaults for settings that it does not give.
  ///
  /// Names and types are checked. Values are not, because the run was made with them, perhaps
  /// before a check existed. A run that is resumed is checked like any recipe.
  ///
  /// - Throws: `RecipeError`, as `load` does.
  public static func stored<R: Configuration>(_ type: R.Type, at path: String) throws -> R {
    let files = RecipeFiles()
    return try StrictDecoder.decode(
      type, from: files.read(path, from: []), checkingValues: false, expand: files.expanded)
  }

  /// The defaults of `R` with `settings` on top, for commands that need no recipe file.
  ///
  /// - Throws: `RecipeError`, as `load` does.
  public static func defaults<R: Configuration>(
    of type: R.Type, settings: [String]
  ) throws -> R {
    let empty = Setting(content: .group([]))
    return try StrictDecoder.decode(
      type, from: empty.overlaid(with: settings), expand: RecipeFiles().expanded)
  }

  /// `path.to.key=value` as `load` takes it, for a text that stays as it is: `1.5`, `yes` and `a: b` get quotes.
  public static func setting(_ path: String, text: String) throws -> String {
    try "\(path)=" + RecipeWriter.yaml(of: Setting(content: .scalar(text, isQuoted: true)))
  }

  /// Checks a recipe that was created or changed in code, with all its parts, as `load` does.
  /// - Throws: `RecipeError.setting`.
  public static func check<R: Configuration>(_ recipe: R) throws {
    _ = try StrictDecoder.decode(
      R.self, from: SettingEncoder.encode(recipe), expand: RecipeFiles().expanded)
  }

  /// The recipe in a stored YAML text, with the current defaults for settings that it does not
  /// give. Values are not checked, as in `stored`.
  ///
  /// - Throws: `RecipeError` with a place in "the stored recipe", as `load` does.
  package static func decode<R: Configuration>(_ type: R.Type, from yaml: String) throws -> R {
    let place = { (line: Int) -> RecipePlace in .line(file: "the stored recipe", line) }
    let written = try RecipeReader.read(yaml, place: place) ?? Setting(content: .group([]))
    return try StrictDecoder.decode(
      type, from: written, checkingValues: false, expand: RecipeFiles().expanded)
  }

  /// A recipe as YAML with every value, in the order of declaration; `load` returns an equal
  /// recipe.
  ///
  /// Numbers have the shortest digits that decode to the same value. Nil is `null`.
  public static func yaml(of recipe: some Configuration) throws -> String {
    try RecipeWriter.yaml(of: SettingEncoder.encode(recipe))
  }

  /// Whether `load` reads the YAML of a recipe: it may be too deep or too long if other recipes are nested in it.
  package static func canBeReadAgain(_ recipe: some Configuration) throws -> Bool {
    RecipeReader.accepts(try yaml(of: recipe))
  }

  /// Every value of a recipe as `("encoder.layers", "12")`, in the order of declaration.
  ///
  /// A list of scalars is one value, `[10, 3, 3]`; groups in a list have paths such as
  /// `stages[0].width`.
  public static func flattened(
    _ recipe: some Configuration
  ) throws -> [(path: String, value: String)] {
    try SettingEncoder.encode(recipe).flattened(path: [])
  }

  /// The values that differ from the defaults, as `flattened`. A setting that a later version adds
  /// does not change the result.
  package static func changes(in recipe: some Configuration) throws -> [(
    path: String, value: String
  )] {
    try SettingEncoder.changes(in: recipe).flattened(path: [])
  }

  /// The differences between two recipes, in the order of `a`; `nil` where a recipe has no such
  /// key.
  public static func differences(
    _ a: some Configuration, _ b: some Configuration
  ) throws -> [(path: String, a: String?, b: String?)] {
    let (left, right) = (try flattened(a), try flattened(b))
    let leftValues = Dictionary(left.map { ($0.path, $0.value) }) { first, _ in first }
    let rightValues = Dictionary(right.map { ($0.path, $0.value) }) { first, _ in first }
    let paths = left.map(\.path) + right.map(\.path).filter { leftValues[$0] == nil }
    return paths.map { ($0, leftValues[$0], rightValues[$0]) }.filter { $0.1 != $0.2 }
  }
}

// MARK: - Flattening

extension Setting {
  fileprivate func flattened(path: [any CodingKey]) -> [(path: String, value: String)] {
    switch content {
    case .group(let fields) where !fields.isEmpty:
      fields.flatMap { $0.value.flattened(path: path + [SettingKey($0.name)]) }
    case .list(let elements) where elements.contains { $0.fields != nil }:
      elements.enumerated().flatMap { $1.flattened(path: path + [SettingKey($0)]) }
    default:
      [(settingPath(path), inlined)]
    }
  }
}
