import Foundation
import Settings

/// Reads the files of one recipe: its own, those it extends, and those of recipes inside it.
///
/// If every file names two others, the number of reads doubles with each level, so the total is
/// limited.
final class RecipeFiles {
  /// The greatest number of files of a recipe; a file that is named twice counts twice.
  private static let most = 200
  /// The greatest number of recipes that extend one another.
  private static let deepest = 16
  /// The greatest number of recipes that are nested in one another.
  private static let mostStages = 8

  private var count = 0

  /// The file merged over its parents; `descendants` are the files that led here, the first one
  /// first.
  func read(_ path: String, from descendants: [String]) throws -> Setting {
    count += 1
    guard count <= Self.most, descendants.count <= Self.deepest else {
      throw RecipeError.unreadable(
        file: path,
        reason: "is one of more than \(Self.most) files of a recipe, or extends more than "
          + "\(Self.deepest); write settings where they are used")
    }
    let setting = try RecipeReader.read(file: path)
    guard let extends = setting["extends"] else { return setting }
    let lineage = descendants + [Self.identity(of: path)]
    let parents = try Self.parentPaths(extends, of: path).map { parent, place in
      guard !lineage.contains(Self.identity(of: parent)) else {
        throw Self.failure(place, "'\(parent)' extends this recipe in turn; break the circle")
      }
      return try read(parent, from: lineage) { Self.failure(place, $0) }
    }
    return setting.without("extends").merged(over: parents)
  }

  /// The settings of a recipe inside another one: its own settings, or those of the file that it
  /// names or extends, whose path is relative to the outer file.
  ///
  /// - Parameter keys: The position of the recipe.
  /// - Throws: `RecipeError` if there is no such file, or a recipe contains itself.
  func expanded(_ recipe: Setting, at keys: [any CodingKey]) throws -> Setting {
    guard let extends = Self.parent(of: recipe) else { return recipe }
    func failure(_ reason: String) -> RecipeError {
      .setting(place: extends.place, path: settingPath(keys), reason: reason)
    }
    let parents = try Self.parentPaths(extends, of: extends.place.file ?? "").map { path, _ in
      guard keys.count(where: { $0.stringValue == keys.last?.stringValue }) <= Self.mostStages
      else {
        throw failure(
          "'\(path)' is a stage of itself, or of more than \(Self.mostStages) others")
      }
      return try read(path, from: [], orFail: failure)
    }
    return recipe.without("extends").merged(over: parents)
  }
}

extension RecipeFiles {
  /// Reads a file that another one names. If it cannot be read, the error has the place of its
  /// name.
  private func read(
    _ path: String, from descendants: [String], orFail failure: (_ reason: String) -> RecipeError
  ) throws -> Setting {
    guard FileManager.default.fileExists(atPath: path) else {
      throw failure("no such file: '\(path)'")
    }
    do {
      return try read(path, from: descendants)
    } catch RecipeError.unreadable(path, let reason) {
      throw failure("'\(path)' \(reason)")
    }
  }
}

// MARK: - Paths

extension RecipeFiles {
  private static func parent(of recipe: Setting) -> Setting? {
    if case .scalar = recipe.content { recipe } else { recipe["extends"] }
  }

  /// The paths of one parent or of a list of parents.
  private static func parentPaths(
    _ extends: Setting, of path: String
  ) throws -> [(path: String, place: Setting)] {
    guard case .list(let parents) = extends.content else {
      return [(try parentPath(extends, of: path), extends)]
    }
    return try parents.map { (try parentPath($0, of: path), $0) }
  }

  private static func parentPath(_ extends: Setting, of path: String) throws -> String {
    guard case .scalar(let parent, _) = extends.content,
      RecipePath(word: parent, isQuoted: true) != nil
    else {
      throw failure(extends, "expected the path of a recipe, found \(extends.summary)")
    }
    guard !parent.hasPrefix("/") else { return parent }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? parent : tidied(folder + "/" + parent)
  }

  /// Shortens `recipes/nano/../base/x.yaml` to `recipes/base/x.yaml`, for error messages.
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

extension Setting {
  /// A group without one of its fields; an empty group for other contents.
  fileprivate func without(_ name: String) -> Setting {
    Setting(content: .group((fields ?? []).filter { $0.name != name }), place: place)
  }

  /// This setting merged over `parents`, of which later ones override earlier ones.
  fileprivate func merged(over parents: [Setting]) -> Setting {
    (parents + [self]).reduce(Setting(content: .group([]))) { $1.merged(over: $0) }
  }
}

extension RecipePlace {
  /// The recipe's file; nil for other places.
  var file: String? {
    if case .line(let file, _) = self { file } else { nil }
  }
}
