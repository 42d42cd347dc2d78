import Foundation
import Tensor

/// A configuration that a recipe may name by its file: `recipe: first.yaml`, or
/// `recipe: { extends: first.yaml, training: { steps: 20 } }`.
protocol NamedByFile: Configuration {}

extension Recipe: NamedByFile {}

extension RecipeFile {
  /// So many recipes may stand one in another.
  private static let deepest = 8

  /// The settings of a recipe that stands in another one: as they are, or those of the file that it names
  /// or extends, relative to the file in which it stands.
  ///
  /// - Parameter keys: Where it stands.
  /// - Throws: `RecipeError` if there is no such file, or a recipe names itself.
  static func expanded(_ recipe: Setting, at keys: [any CodingKey]) throws -> Setting {
    guard let extends = parent(of: recipe) else { return recipe }
    func failure(_ reason: String) -> RecipeError {
      .setting(place: extends.place, path: settingPath(keys), reason: reason)
    }
    let parents = try parentPaths(extends, of: extends.place.file ?? "").map { path, _ in
      guard keys.count(where: { $0.stringValue == keys.last?.stringValue }) <= deepest else {
        throw failure("'\(path)' is a stage of itself, or of more than \(deepest) others")
      }
      guard FileManager.default.fileExists(atPath: path) else {
        throw failure("no such file: '\(path)'")
      }
      return try read(path, from: [])
    }
    let own = recipe.fields?.filter { $0.name != "extends" } ?? []
    return (parents + [Setting(content: .group(own), place: recipe.place)])
      .reduce(Setting(content: .group([]))) { $1.merged(over: $0) }
  }

  private static func parent(of recipe: Setting) -> Setting? {
    if case .scalar = recipe.content { recipe } else { recipe["extends"] }
  }
}

extension RecipePlace {
  /// The recipe's file, if it is one.
  var file: String? {
    if case .line(let file, _) = self { file } else { nil }
  }
}
