import Settings

/// Reads and writes recipes: YAML over `extends:` over the defaults of a Swift type.
///
/// ```yaml
/// extends: ../base/hubert-base.yaml   # relative to this file; of a list, the later over the earlier
/// mask: { probability: 0.8 }          # merged key by key, child over parent
/// teacher: null                       # clears an optional setting
/// ```
public enum RecipeFile {
  /// The recipe that a file describes.
  ///
  /// A key that neither the file, its parents nor `settings` hold keeps the default of the
  /// `Configuration` it belongs to; this also completes optional and listed configurations that
  /// are present. A type that is not a `Configuration` is written whole.
  ///
  /// - Parameters:
  ///   - type: The type to read.
  ///   - path: The file's path.
  ///   - settings: `path.to.key=value`, the value in YAML, applied last and in order; an element of a
  ///     list is `key[0]`.
  /// - Throws: `RecipeError`: unreadable files, bad YAML, unknown names, wrong types, values that a
  ///   `Configuration` refuses, and `extends:` in a circle.
  public static func load<R: Configuration>(
    _ type: R.Type, from path: String, settings: [String] = []
  ) throws -> R {
    let files = RecipeFiles()
    let written = try files.read(path, from: [])
    return try StrictDecoder.decode(
      type, from: written.overlaid(with: settings), expand: files.expanded)
  }

  /// One word of a file and its parents, with `settings` on top: what decides how the rest is to be read.
  ///
  /// - Returns: The word and where it stands; nil if there is none.
  /// - Throws: `RecipeError`, as `load` does.
  public static func word(
    _ name: String, in path: String, settings: [String] = []
  ) throws -> (text: String, place: RecipePlace)? {
    let setting = try RecipeFiles().read(path, from: []).overlaid(with: settings)[name]
    guard let setting, case .scalar(let text, _) = setting.content else { return nil }
    return (text, setting.place)
  }

  /// The recipe that a run stored, with today's defaults for settings that it does not name.
  ///
  /// Names and types are checked; values are not, because the run was made with them, perhaps before there
  /// was a check. A run that is to go on is checked as every recipe is.
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

  /// Checks a recipe that was made or changed in code, each part of it, as `load` does.
  /// - Throws: `RecipeError.setting`.
  public static func check<R: Configuration>(_ recipe: R) throws {
    _ = try StrictDecoder.decode(
      R.self, from: SettingEncoder.encode(recipe), expand: RecipeFiles().expanded)
  }

  /// The recipe that `yaml` wrote, with today's defaults for settings that it does not name; values are not
  /// checked, as in `stored`.
  ///
  /// - Throws: `RecipeError` of a place in "the stored recipe", as `load` does.
  package static func decode<R: Configuration>(_ type: R.Type, from yaml: String) throws -> R {
    let place = { (line: Int) -> RecipePlace in .line(file: "the stored recipe", line) }
    let written = try RecipeReader.read(yaml, place: place) ?? Setting(content: .group([]))
    return try StrictDecoder.decode(
      type, from: written, checkingValues: false, expand: RecipeFiles().expanded)
  }

  /// A recipe as YAML with every value, in the order of declaration; `load` reads back an equal one.
  ///
  /// Numbers have the shortest digits that read back the same. Absent optionals are `null`.
  public static func yaml(of recipe: some Configuration) throws -> String {
    try RecipeWriter.yaml(of: SettingEncoder.encode(recipe))
  }

  /// Every value of a recipe as `("encoder.layers", "12")`, in the order of declaration.
  ///
  /// Lists of words stay one value, `[10, 3, 3]`; groups in lists are `stages[0].width`.
  public static func flattened(
    _ recipe: some Configuration
  ) throws -> [(path: String, value: String)] {
    try SettingEncoder.encode(recipe).flattened(path: [])
  }

  /// The values that differ from the defaults, as `flattened`: a setting that a later version adds does
  /// not change them.
  package static func changes(in recipe: some Configuration) throws -> [(
    path: String, value: String
  )] {
    try SettingEncoder.changes(in: recipe).flattened(path: [])
  }

  /// Where two recipes differ, in the order of `a`; `nil` where a recipe has no such key.
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
