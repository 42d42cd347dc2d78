import Train

/// What is wrong with a recipe after its file was read, beside the file.
private struct RecipeFileError: Error, CustomStringConvertible {
  let file: String
  let error: RunError

  /// `recipes/nano/mert-nano.yaml: recipe mert-nano: a step needs …`
  var description: String { "\(file): \(error)" }
}

/// Runs `body`, whose errors about a recipe name the recipe's file, too.
///
/// - Parameter recipes: Each file with the recipe that was read from it.
func namingFiles<Result>(
  of recipes: [(file: String, recipe: any TrainingRecipe)], _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch let error as RunError {
    let found = recipes.first { error.concerns($0.recipe) }
    guard let file = found?.file else { throw error }
    throw RecipeFileError(file: file, error: error)
  }
}

extension RunError {
  /// Whether it is about a recipe, one of its stages, or either with another seed.
  fileprivate func concerns(_ recipe: any TrainingRecipe) -> Bool {
    guard let name = self.recipe else { return false }
    return (recipe.stages.map(\.name) + [recipe.name]).contains {
      name == $0 || name.hasPrefix($0 + "-seed-")
    }
  }
}
