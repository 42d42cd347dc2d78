import Foundation
import Settings
import TestSupport
import Testing
import Train
import YAML

/// Recipes that name other recipes as their stages, and other files.
@Suite struct RecipeInRecipeTests {
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("first"), withIntermediateDirectories: true)
    try folder.write(
      "{ name: base, objective: { cqt: {} }, schedule: { warmupSteps: 0 }, training: { steps: 7 } }",
      to: "first/base.yaml")
    try folder.write(
      "{ extends: base.yaml, name: one, training: { batchSize: 3 } }", to: "first/one.yaml")
  }

  private func load(_ layer: String, settings: [String] = []) throws -> Recipe {
    try folder.write(
      "teacher:\n  kmeans:\n    - layer: \(layer)\nobjective: { codes: {} }\n", to: "two.yaml")
    let path = folder.url.appendingPathComponent("two.yaml").path
    return try RecipeFile.load(Recipe.self, from: path, settings: settings)
  }

  private func line(from body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func aStageByItsFile() throws {
    let layer = try #require(
      try load("{ recipe: first/one.yaml, index: 3 }").teacher.kmeans[0].layer)
    #expect(layer.index == 3 && layer.model == nil)
    let stage = try #require(layer.recipe)
    #expect(stage.name == "one" && stage.training.steps == 7 && stage.training.batchSize == 3)
    #expect(stage.seed == 1337, "what no file says keeps its default")
  }

  @Test func aStageByItsFileWithChanges() throws {
    let recipe = try load("{ recipe: { extends: first/one.yaml, training: { steps: 2 } } }")
    let stage = try #require(recipe.teacher.kmeans[0].layer?.recipe)
    #expect(stage.name == "one" && stage.training.steps == 2 && stage.training.batchSize == 3)
    #expect(recipe.teacher.kmeans[0].layer?.index == 6)
  }

  /// `--set` reaches into lists, and into a stage that is named by its file.
  @Test func settingsOfAStage() throws {
    let path = "teacher.kmeans[0].layer.recipe.training.steps"
    let recipe = try load("{ recipe: first/one.yaml }", settings: ["\(path)=4", "name=two"])
    let stage = try #require(recipe.teacher.kmeans[0].layer?.recipe)
    #expect(stage.training.steps == 4 && stage.training.batchSize == 3 && recipe.name == "two")
    #expect(recipe.training.steps == 400_000)
    let wrong = "teacher.kmeans[1].layer.index"
    #expect(
      line { _ = try load("{ recipe: first/one.yaml }", settings: ["\(wrong)=4"]) }
        == "--set \(wrong): teacher.kmeans has 1 element, there is no [1]")
    #expect(
      line { _ = try load("{ recipe: first/one.yaml }", settings: ["teacher.kmeans[x]=4"]) }
        .contains("expected path.to.key=value"))
  }

  @Test func mistakesInAStageAreFoundWhereTheyStand() throws {
    try folder.write("{ name: one, training: { stepz: 7 } }", to: "first/one.yaml")
    let one = folder.url.appendingPathComponent("first/one.yaml").path
    #expect(
      line { _ = try load("{ recipe: first/one.yaml }") }
        == "\(one):1: teacher.kmeans[0].layer.recipe.training.stepz: no such setting; "
        + "did you mean 'steps'?")
    let two = folder.url.appendingPathComponent("two.yaml").path
    let nowhere = folder.url.appendingPathComponent("first/nowhere.yaml").path
    #expect(
      line { _ = try load("{ recipe: first/nowhere.yaml }") }
        == "\(two):3: teacher.kmeans[0].layer.recipe: no such file: '\(nowhere)'")
    #expect(
      line { _ = try load("{ recipe: two.yaml }") }.contains("is a stage of itself"))
    #expect(line { _ = try load("{ recipe: [1] }") }.contains("expected"))
  }

  /// What a run stores can be read again, or the run does not begin.
  @Test(arguments: 1...8) func aChainIsReadAgainOrRefused(stages: Int) throws {
    let recipe = (1...stages).reduce(Recipe.tinyHuBERT) { first, number in
      var next = Recipe.tinySecond
      next.name = "second-\(number)"
      next.teacher.kmeans[0].layer!.recipe = first
      return next
    }
    let path = try folder.write(RecipeFile.yaml(of: recipe), to: "recipe.yaml")
    let (check, reading) = (
      line { try recipe.check() }, line { _ = try RecipeFile.load(Recipe.self, from: path) }
    )
    #expect((check == "no error") == (reading == "no error"), "\(check), \(reading)")
    if stages < 3 { #expect(check == "no error") }
    if stages > 6 {
      #expect(
        check.contains("recipe second-\(stages): the \(stages) recipes nested in it are too deep"))
    }
  }

  /// A path means the same wherever the recipe is read again.
  @Test func pathsAreThoseOfTheRecipesFile() throws {
    let recipe = try load("{ model: ../models/hubert }")
    let expected = folder.url.deletingLastPathComponent().appendingPathComponent("models/hubert")
    #expect(recipe.teacher.kmeans[0].layer?.model?.path == expected.standardizedFileURL.path)
    try folder.write(RecipeFile.yaml(of: recipe), to: "first/again.yaml")
    let again = try RecipeFile.load(
      Recipe.self, from: folder.url.appendingPathComponent("first/again.yaml").path)
    #expect(again == recipe)
    let set = try load("{ model: a }", settings: ["teacher.kmeans[0].layer.model=runs/b"])
    #expect(
      set.teacher.kmeans[0].layer?.model?.path
        == FileManager.default.currentDirectoryPath + "/runs/b")
  }
}
