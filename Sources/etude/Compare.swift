import ArgumentParser
import Evaluate
import Foundation
import Train

/// Compares recipes: runs what has not run yet, probes, reports.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Run recipes and report which learned what.",
    discussion: """
      Runs that are finished below --out are reused, interrupted ones resumed.
      Example: etude compare recipes/nano/*-nano.yaml --data corpus --out runs/first
      """)

  @Argument(help: "Recipes, or run folders of earlier comparisons.")
  var recipes: [String]

  @Option(help: "A folder of music, or a manifest; probes need what 'etude synth' wrote.")
  var data: String

  @Option(help: "Where runs and report go.")
  var out: String

  @Option(
    parsing: .upToNextOption,
    help: "Train every recipe with each of these, as in --seeds 1 2 3; else once, with its own.")
  var seeds: [Int] = []

  @Option(
    name: .customLong("set"),
    help: "Change a setting of all recipes, as in --set training.batchSize=4.")
  var settings: [String] = []

  @Option(help: "A recipe of probes; its defaults unless given.")
  var probes: String?

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    guard seeds.allSatisfy({ $0 >= 0 }), Set(seeds).count == seeds.count else {
      throw ValidationError("--seeds: needs different numbers of at least 0")
    }
  }

  func run() throws {
    threads.apply()
    let loaded = try recipes.map {
      try RecipeFile.load(Recipe.self, from: file($0), settings: settings)
    }
    let probing =
      try probes.map { try RecipeFile.load(ProbeRecipe.self, from: $0) } ?? ProbeRecipe()
    let progress = ComparisonProgress()
    let comparison = try Comparison(
      loaded, seeds: seeds, data: data, folder: writableFolder(out), watch: progress.show)
    let page = try comparison.run(
      probes: probing, commands: [CommandLine.arguments.joined(separator: " ")])
    print(page.relativePath)
  }

  /// The recipe of a run folder, or the recipe itself.
  private func file(_ path: String) -> String {
    let recipe = URL(fileURLWithPath: path).recipeFile
    return FileManager.default.fileExists(atPath: recipe.path) ? recipe.relativePath : path
  }
}

/// Shows what a comparison does, on standard error.
private final class ComparisonProgress {
  private var session = SessionProgress()
  private var probing: (title: String, line: ProgressLine)?

  func show(_ stage: Comparison.Stage) {
    switch stage {
    case .run(let name): session = SessionProgress(name)
    case .reused(let name): note("\(name): trained already")
    case .stopped(let name, let reason): note("\(name) was stopped: \(reason)")
    case .session(let stage): session.show(stage)
    case .probing(let title, let done, let total):
      if probing?.title != title || done == 1 { probing = (title, ProgressLine("probe \(title)")) }
      probing?.line.show(done, of: total)
    }
  }
}
