import ArgumentParser
import Audio
import Foundation
import Train

/// Options that name a recipe and the music.
struct DataOptions: ParsableArguments {
  @Argument(help: "A recipe, as in recipes/nano/mert-nano.yaml.")
  var recipe: String

  @Option(help: "A folder of music, or a manifest made by 'etude manifest'.")
  var data: String

  @Option(name: .customLong("set"), help: "Change a setting of the recipe: path.to.key=value.")
  var settings: [String] = []

  func loadRecipe() throws -> Recipe {
    try RecipeFile.load(Recipe.self, from: recipe, settings: settings)
  }
}

/// Fits the teachers of a recipe and labels the data.
struct TeachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teach", abstract: "Fit a recipe's teachers and label the data.",
    discussion: "Example: etude teach recipes/nano/mert-nano.yaml --data corpus --out labels")

  @OptionGroup var data: DataOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Where the labels go.")
  var out: String

  func run() throws {
    threads.apply()
    let recipe = try data.loadRecipe()
    guard !recipe.teacher.kmeans.isEmpty || recipe.teacher.rvq != nil else {
      throw RunError.recipe(recipe.name, reason: "names no teacher.kmeans; it needs no labels")
    }
    let folder = try writableFolder(out)
    let session = try Session(
      recipe, data: Manifest.open(data.data), scratch: folder, watch: SessionProgress().show)
    try session.teach(into: folder)
  }
}
