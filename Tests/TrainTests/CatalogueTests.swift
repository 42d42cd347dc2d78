import TestSupport
import Testing
import Train
import YAML

/// What the catalogue shows, compiled as it stands there.
@Suite struct CatalogueTests {
  @Test func theCatalogueShowsThisCode() throws {
    try expectCompiled("Sources/Train/Train.docc/Train.md", blocks: 1)
  }
}

/// The catalogue's example, which wants the repository as its folder.
func planOfMERT() throws {
  let recipe = try RecipeFile.load(Recipe.self, from: "recipes/mert/95m-rvq-cqt.yaml")
  let plan = try recipe.plan()
  print(plan.costs.peakBytes, plan.costs.operations)  // bytes, operations of a step
}
