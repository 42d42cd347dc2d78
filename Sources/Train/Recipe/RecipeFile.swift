import Foundation
import Tensor

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
  ///   - settings: `path.to.key=value`, the value in YAML, applied last and in order; an element of a
  ///     list is `key[0]`.
  /// - Throws: `RecipeError`: unreadable files, bad YAML, unknown names, wrong types, and
  ///   `extends:` in a circle.
  public static func load<R: Configuration>(
    _ type: R.Type, from path: String, settings: [String] = []
  ) throws -> R {
    let written = try read(path, from: [])
    return try StrictDecoder.decode(type, from: written.overlaid(with: settings))
  }

  /// The defaults of `R` with `settings` on top, for commands that need no recipe file.
  ///
  /// - Throws: `RecipeError`, as `load` does.
  public static func defaults<R: Configuration>(
    of type: R.Type, settings: [String]
  ) throws -> R {
    let empty = Setting(content: .group([]))
    return try StrictDecoder.decode(type, from: empty.overlaid(with: settings))
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

// MARK: - extends

extension RecipeFile {
  /// The file over its parents; `descendants` are the files that led here, eldest last.
  static func read(_ path: String, from descendants: [String]) throws -> Setting {
    let setting = try RecipeReader.read(file: path)
    guard let extends = setting["extends"] else { return setting }
    let lineage = descendants + [identity(of: path)]
    let parents = try parentPaths(extends, of: path).map { parent, place in
      guard !lineage.contains(identity(of: parent)) else {
        throw failure(place, "'\(parent)' extends this recipe in turn; break the circle")
      }
      guard FileManager.default.fileExists(atPath: parent) else {
        throw failure(place, "no such file: '\(parent)'")
      }
      return try read(parent, from: lineage)
    }
    let own = setting.fields?.filter { $0.name != "extends" } ?? []
    return (parents + [Setting(content: .group(own), place: setting.place)])
      .reduce(Setting(content: .group([]))) { $1.merged(over: $0) }
  }

  /// One path, or a list of them.
  static func parentPaths(
    _ extends: Setting, of path: String
  ) throws -> [(path: String, place: Setting)] {
    guard case .list(let parents) = extends.content else {
      return [(try parentPath(extends, of: path), extends)]
    }
    return try parents.map { (try parentPath($0, of: path), $0) }
  }

  private static func parentPath(_ extends: Setting, of path: String) throws -> String {
    guard case .scalar(let parent, _) = extends.content else {
      throw failure(extends, "expected the path of a recipe, found \(extends.summary)")
    }
    guard !parent.hasPrefix("/") else { return parent }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? parent : tidied(folder + "/" + parent)
  }

  /// `recipes/nano/../base/x.yaml` as `recipes/base/x.yaml`, so that errors read well.
  private static func tidied(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  private static func identity(of path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }

  private static func failure(_ extends: Setting, _ reason: String) -> RecipeError {
    .setting(place: extends.place, path: "extends", reason: reason)
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

  private var inlined: String {
    switch content {
    case .null: "null"
    case .scalar(let word, _): word
    case .list(let elements): "[" + elements.map(\.inlined).joined(separator: ", ") + "]"
    case .group(let fields):
      "{" + fields.map { "\($0.name): \($0.value.inlined)" }.joined(separator: ", ") + "}"
    }
  }
}
