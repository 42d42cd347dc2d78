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

  @Option(help: "Which recipes: 'training' and 'codec', those of 'etude pretrain', or 'probe'.")
  var kind = Kind.all[0]

  func run() { StandardOutput.write(output == .reference ? kind.reference : kind.schema) }

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

  /// A kind of recipe, with what is printed of it.
  struct Kind: ExpressibleByArgument {
    var name: String
    var reference: String
    var schema: String

    /// Those that are trained, and that of probes.
    static let all =
      RecipeKind.all.map { kind in
        Kind(name: kind.kind ?? "training", reference: kind.reference, schema: kind.schema)
      } + [Kind(name: "probe", reference: ProbeRecipe.reference, schema: ProbeRecipe.schema)]

    init(name: String, reference: String, schema: String) {
      (self.name, self.reference, self.schema) = (name, reference, schema)
    }

    init?(argument: String) {
      guard let kind = Self.all.first(where: { $0.name == argument }) else { return nil }
      self = kind
    }

    var defaultValueDescription: String { name }
    static var allValueStrings: [String] { all.map(\.name) }
  }
}
