import Audio
import Evaluate
import Foundation
import Testing
import Train

/// What a run began as and was taught by tells it from others of the same recipe.
@Suite struct RunOriginTests {
  private func compare(_ contenders: [Contender], in folder: URL, data: String? = nil) throws
    -> ComparisonReport
  {
    try Comparison(
      contenders, data: data, probeData: .folder(folder.appending(path: "corpus").path),
      probes: Tiny.probes, folder: folder.appending(path: "out")
    ).run(commands: []).report
  }

  private func train(
    _ recipe: Recipe, _ name: String, in folder: URL, as model: String? = nil
  ) throws -> String {
    let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
    let run = folder.appending(path: name)
    let start = try model.map { try StartingPoint($0, keepingHeads: false) } ?? StartingPoint()
    try TrainingJob(recipe, data: Manifest.open(corpus), scratch: folder) { _ in }
      .train(in: run, labels: run.labels, startingAs: start)
    return run.path
  }

  @Test func aRunThatBeganAsAModelIsAnotherThanOneAtRandom() throws {
    try withFolder { folder in
      let model = try Tiny.model(folder.appending(path: "model"))
      let begun = try train(Tiny.recipe(), "begun", in: folder, as: model)
      let random = try train(Tiny.recipe(), "random", in: folder)
      let report = try compare([Contender(at: random), Contender(at: begun)], in: folder)
      let settings = report.runs.map { run in run.recipe.filter { $0.path == "start" } }
      #expect(settings[0].isEmpty && settings[1].count == 1)
      #expect(settings[1].first?.value.hasPrefix("model ") == true)
      #expect(report.probed?.heard == ["random": 12])
      #expect(
        report.markdown.contains("begun did not begin at random but as \(model): what that model"))
      #expect(try ComparisonReport(json: report.json).runs[1].start == report.runs[1].start)
    }
  }

  @Test func runsOfARowBeganAlike() throws {
    try withFolder { folder in
      let model = try Tiny.model(folder.appending(path: "model"))
      var second = Tiny.recipe()
      second.seed += 1
      let paths = [
        try train(Tiny.recipe(), "a", in: folder),
        try train(second, "b", in: folder, as: model),
      ]
      let error = #expect(throws: ComparisonError.self) {
        try Contender(at: "mine=\(paths[0]),\(paths[1])")
      }
      let line = try #require(error).description
      #expect(line.contains("\(paths[1]) began as \(model) and \(paths[0]) at random"), "\(line)")
    }
  }

  /// Where a recipe is named, a run of that recipe alone is what would be trained.
  @Test func whatBeganAsAModelIsNotTakenForTheRecipesOwn() throws {
    try withFolder { folder in
      let model = try Tiny.model(folder.appending(path: "model"))
      let run = try train(Tiny.recipe(), "out/tiny", in: folder, as: model)
      let error = #expect(throws: ComparisonError.self) {
        try compare(
          [.recipe(Tiny.recipe())], in: folder, data: folder.appending(path: "corpus").path)
      }
      #expect(error?.description.hasPrefix("\(run): the run began as \(model), and what") == true)
    }
  }

  /// Clusters of a stage, which has a name and is trained for some steps.
  private func ofStage(steps: Int, seed: Int = 0) -> Recipe {
    var (recipe, stage, layer) = (
      Tiny.recipe("second"), Tiny.recipe("first"), Recipe.HiddenLayer()
    )
    stage.training.steps = steps
    stage.training.logEvery = steps
    (layer.recipe, layer.index) = (stage, 1)
    (recipe.teacher.kmeans[0].features, recipe.teacher.kmeans[0].layer) = (nil, layer)
    return seed == 0 ? recipe : recipe.seeded(seed)
  }

  @Test func stagesOfOneNameThatDifferAreTwoSettings() throws {
    try withFolder { folder in
      let paths = try [2, 3].map { try train(ofStage(steps: $0), "run \($0)", in: folder) }
      let report = try compare(paths.map { try Contender(at: $0) }, in: folder)
      let stages = report.runs.map { $0.recipe.filter { $0.path.contains(".recipe.") } }
      let path = "teacher.kmeans[0].layer.recipe."
      for (settings, steps) in zip(stages, ["2", "3"]) {
        #expect(settings.map(\.path) == ["\(path)name", "\(path)training.steps"], "\(settings)")
        #expect(settings.map(\.value) == ["first", steps])
      }
    }
  }

  @Test func stagesThatAreAlikeAreTheirNames() throws {
    try withFolder { folder in
      let paths = try [1, 2].map {
        try train(ofStage(steps: 2, seed: $0), "run \($0)", in: folder)
      }
      let report = try compare(paths.map { try Contender(at: $0) }, in: folder)
      for run in report.runs {
        #expect(run.recipe.filter { $0.path.contains(".recipe.") }.map(\.value) == ["first"])
      }
    }
  }

  /// In its own folder, and beside the run where another comparison trained it.
  @Test func whatLabelsHoldIsShownWhereverTheyLie() throws {
    try withFolder { folder in
      let alone = try train(Tiny.recipe(), "alone", in: folder)
      let other = folder.appending(path: "other")
      _ = try Comparison(
        [.recipe(Tiny.recipe())], data: folder.appending(path: "corpus").path,
        probeData: .folder(folder.appending(path: "corpus").path), probes: Tiny.probes,
        folder: other
      ).run(commands: [])
      let report = try compare(
        [Contender(at: alone), Contender(at: other.path + "/tiny")], in: folder)
      #expect(report.runs.map { $0.labels?.count } == [1, 1])
    }
  }
}
