import Audio
import Evaluate
import Foundation
import Models
import Settings
import Testing
import Train
import YAML

/// Whatever can be known before the first training is found out before it.
@Suite struct ChecksFirstTests {
  /// What a comparison of tiny recipes is refused for; nothing may have been trained by then.
  private func refusal(
    _ recipes: [Recipe] = [Tiny.recipe()],
    probes: ProbeRecipe = Tiny.probes, prepare: (URL) throws -> Void = { _ in }
  ) throws -> String {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      try prepare(folder)
      var begun: [String] = []
      var line: String?
      do {
        _ = try Comparison(
          recipes.map { .recipe($0) }, data: corpus, probeData: .folder(corpus), probes: probes,
          folder: folder.appending(path: "out")
        ) { if case .run(let name) = $0 { begun.append(name) } }.run(commands: [])
      } catch { line = "\(error)" }
      #expect(begun.isEmpty)
      let told = try #require(line)
      #expect(!told.contains("\n"))
      return told
    }
  }

  @Test func tooFewPieces() throws {
    let line = try refusal { folder in
      let labels = folder.appending(path: "corpus/labels.jsonl")
      let text = try String(contentsOf: labels, encoding: .utf8)
      try Data(text.split(separator: "\n").prefix(8).joined(separator: "\n").utf8).write(to: labels)
    }
    #expect(line.contains("8 usable pieces are too few to probe on"))
  }

  @Test func foldsThatHaveNoExamples() throws {
    var probes = Tiny.probes
    probes.folds = 13
    #expect(try refusal(probes: probes).hasPrefix("task 'pitch': "))
    (probes.folds, probes.maximumExamples) = (5, 4)
    #expect(try refusal(probes: probes).contains("are too few for the folds"))
  }

  @Test(arguments: ["folds", "seeds", "tasks", "penalties", "iterations", "tolerance"])
  func settingsOfProbes(setting: String) throws {
    var probes = Tiny.probes
    switch setting {
    case "folds": probes.folds = 2
    case "seeds": probes.seeds = [1, 1]
    case "tasks": probes.tasks = [.key, .key]
    case "penalties": probes.regression.penalties = [-1]
    case "iterations": probes.regression.iterations = 0
    default: probes.regression.tolerance = .nan
    }
    #expect(try refusal(probes: probes).contains(setting))
  }

  @Test func settingsOfAProbeFileAreNamedWithIt() throws {
    try withFolder { folder in
      let file = folder.appending(path: "probes.yaml").path
      try Data("folds: 2\n".utf8).write(to: URL(filePath: file))
      let error = #expect(throws: RecipeError.self) {
        try RecipeFile.load(ProbeRecipe.self, from: file)
      }
      #expect(error?.description == "\(file):1: folds: 2 is not between 3 and 1000")
    }
  }

  @Test func twoContendersOfOneName() throws {
    var other = Tiny.recipe()
    other.training.steps = 4
    #expect(try refusal([Tiny.recipe(), other]).hasPrefix("two contenders are named 'tiny'"))
  }

  /// The second would find the first's run in its stage's folder, after hours.
  @Test func aStageOfTheNameOfAnotherRecipe() throws {
    var stage = Tiny.recipe("first")
    stage.training.steps = 4
    var later = Tiny.recipe("second")
    var clusters = later.teacher.kmeans[0]
    var layer = Recipe.HiddenLayer()
    (layer.recipe, layer.index) = (stage, 1)
    (clusters.features, clusters.layer) = (nil, layer)
    later.teacher.kmeans = [clusters]
    #expect(
      try refusal([Tiny.recipe("first"), later])
        .hasPrefix("two different recipes, or stages of recipes, are named 'first'"))
  }

  @Test func aRecipeThatNeedsMoreMemoryThanThereIs() throws {
    var large = Tiny.recipe("large")
    (large.training.batchSize, large.data.cropSeconds) = (60_000, 500)
    #expect(try refusal([Tiny.recipe(), large]).contains("large: a step needs about"))
  }

  @Test func aFolderThatCannotHoldTheReport() throws {
    let occupied = try refusal { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "out/report.md"), withIntermediateDirectories: true)
    }
    #expect(occupied.contains("out/report.md: a folder has the name of a report; choose another"))
    let file = try refusal { try Data().write(to: $0.appending(path: "out")) }
    #expect(file.contains("/out: ") && file.contains("choose another folder with --out"))
  }

  /// Kept inside the folder of the comparison, and off what else lies there.
  @Test(arguments: [
    "../../outside", "..", ".", "", "a/b", "/tmp/x", ".hidden", "labels", "probe-corpus",
    "Report.html",
  ])
  func namesThatAreNoFoldersOfARun(name: String) throws {
    #expect(try refusal([Tiny.recipe(name)]).contains("recipe"))
  }
}
