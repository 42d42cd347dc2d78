import ArgumentParser
import Evaluate
import Train

/// What can be written into a recipe.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "List every setting of a recipe with type, range, default and meaning.",
    discussion: """
      --reference prints a page in Markdown, --schema a JSON schema with which an editor completes and \
      checks recipes. docs/ has both as files.

      Examples:
        etude recipe --reference
        etude recipe --reference --kind probe
        etude recipe --schema > recipe.schema.json
      """)

  @Flag(exclusivity: .exclusive)
  var output: Output

  @Option(help: "Which recipes: 'training', those of 'etude pretrain', or 'probe'.")
  var kind = Kind.training

  func run() {
    let (page, schema) =
      switch kind {
      case .training: (Recipe.reference, Recipe.schema)
      case .probe: (ProbeRecipe.reference, ProbeRecipe.schema)
      }
    StandardOutput.write(output == .reference ? page : schema)
  }

  /// What is printed.
  enum Output: String, EnumerableFlag {
    case reference, schema

    static func help(for value: Output) -> ArgumentHelp? {
      switch value {
      case .reference: "Print a page in Markdown."
      case .schema: "Print a JSON schema (draft 7)."
      }
    }
  }

  /// What a recipe is for.
  enum Kind: String, ExpressibleByArgument, CaseIterable { case training, probe }
}
