import Cluster
import Files
import Foundation
import Models
import Tensor
import Train
import YAML

extension Comparison {
  /// The recipes hold together, and each run has a folder of its own in that of the comparison.
  func checkRecipes() throws {
    var known: [String: any TrainingRecipe] = [:]
    for case .recipe(let recipe) in contenders {
      try recipe.check()
      for run in trainings(of: .recipe(recipe)).map(\.recipe) {
        for run in Stages(of: run, in: folder).recipes + [run] {
          if let other = known.updateValue(run, forKey: run.name), !run.isEqual(to: other) {
            throw ComparisonError.twoRecipes(run.name)
          }
        }
      }
    }
  }

  /// All ranks are of one build, and compare the same.
  /// - Throws: `ClusterError.differs`.
  func checkRanks() throws {
    guard ranks.count > 1 else { return }
    try ranks.checkBuild()
    let recipes = try contenders.flatMap(trainings).map { try RecipeFile.yaml(of: $0.recipe) }
    try ranks.check(
      "list of contenders",
      is: (names + recipes + ["\(probes)", folder.path]).joined(separator: "\n"))
  }

  /// Makes the folder, and finds out now whether the report can be written.
  func prepareFolder() throws {
    guard try [nil, .folder].contains(Presence.kind(of: folder.path)) else {
      throw ComparisonError.folder(folder.path, reason: "is no folder")
    }
    try AtomicFolder.make(folder)
    guard access(folder.path, W_OK) == 0 else { throw FileError.writing(folder.path) }
    for name in ["html", "md", "json", "csv", "tex"].map({ "report.\($0)" }) {
      let path = folder.appendingPathComponent(name).path
      if try Presence.kind(of: path) == .folder {
        throw ComparisonError.folder(path, reason: "a folder has the name of a report")
      }
    }
  }
}
