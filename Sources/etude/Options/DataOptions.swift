import ArgumentParser
import Settings
import Train
import YAML

/// Options that name a recipe and the music.
struct DataOptions: ParsableArguments {
  @Argument(help: "A recipe, as in recipes/nano/mert-nano.yaml.")
  var recipe: String

  @Option(
    help: ArgumentHelp(
      """
      A folder of music, a tar file of it, or a manifest made by 'etude manifest'. May be given \
      several times, with weights as in --data folk --data jazz=2: two of three crops are jazz.
      """, valueName: "dir"))
  var data: [String]

  @Option(
    name: .customLong("set"),
    help: "Change a setting of the recipe, as in --set training.batchSize=4.")
  var settings: [String] = []

  @Option(
    help:
      "A manifest of files to hold out and validate on, instead of what the recipe's validation names."
  )
  var validation: String?

  @Option(
    parsing: .unconditional,
    help: "The seed of all random draws, 0 or more; the recipe's unless given.")
  var seed: Int?

  func validate() throws {
    if data.isEmpty { throw ValidationError("Missing expected argument '--data <dir>'") }
    for folder in data { try requirePath("--data", folder) }
    try requirePath("--validation", validation)
    try require("--seed", seed, in: 0...Int.max)
  }

  /// The recipe, of whatever kind.
  func loadRecipe() throws -> any TrainingRecipe {
    try RecipeKind.load(
      from: recipe,
      settings: settings + (seed.map { ["seed=\($0)"] } ?? []) + validationSettings())
  }

  private func validationSettings() throws -> [String] {
    guard let validation else { return [] }
    return [
      "validation.share=null", try RecipeFile.setting("validation.manifest", text: validation),
    ]
  }
}
