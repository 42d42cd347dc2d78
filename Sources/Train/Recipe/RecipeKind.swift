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
    return try RecipeFile.load(kind, from: path, settings: settings)
  }
}
