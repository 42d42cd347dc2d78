import Files
import Foundation
import Settings
import YAML

/// The kinds of recipes, which the `kind` of a file selects.
public enum RecipeKind {
  /// A line for each.
  public static let all: [any TrainingRecipe.Type] = [
    Recipe.self,
    CodecRecipe.self,
  ]

  /// The recipe that a file describes, of whatever kind it is.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - settings: `path.to.key=value`, applied last and in order.
  ///   - kinds: Those to choose from.
  /// - Throws: `RecipeError`, as `RecipeFile.load`, and if there is no such kind.
  public static func load(
    from path: String, settings: [String] = [], among kinds: [any TrainingRecipe.Type] = all
  ) throws -> any TrainingRecipe {
    try RecipeFile.load(
      kind(of: path, settings: settings, among: kinds), from: path, settings: settings)
  }

  /// The recipe that a run's folder holds, of whatever kind it is. Its values are not checked, as in
  /// `RecipeFile.stored`.
  ///
  /// - Parameter run: The run's folder.
  /// - Throws: `RecipeError`, as `RecipeFile.load`; `FileError` if it is no regular file.
  public static func stored(of run: URL) throws -> any TrainingRecipe {
    let path = run.recipeFile.path
    try Presence.requireRegular(path)
    return try RecipeFile.stored(kind(of: path, settings: [], among: all), at: path)
  }

  private static func kind(
    of path: String, settings: [String], among kinds: [any TrainingRecipe.Type]
  ) throws -> any TrainingRecipe.Type {
    let word = try RecipeFile.word("kind", in: path, settings: settings)
    guard let kind = kinds.first(where: { $0.kind == word?.text }) else {
      let names = kinds.compactMap { $0.kind }
      let remedy =
        names.isEmpty
        ? "leave it out, which is masked pre-training"
        : "there are \(names.joined(separator: ", ")), and masked pre-training without a kind"
      throw RecipeError.setting(
        place: word?.place ?? .defaults, path: "kind",
        reason: "there is no kind '\(word?.text ?? "")'; \(remedy)")
    }
    return kind
  }
}
