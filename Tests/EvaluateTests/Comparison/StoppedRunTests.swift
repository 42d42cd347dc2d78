import Audio
import Evaluate
import Files
import Foundation
import Optimisation
import Pretrain
import Testing
import Train

/// A training that collapsed is an outcome, whoever trained it and however often it is compared.
@Suite struct StoppedRunTests {
  private func compare(
    _ contenders: [Contender], in folder: URL, data: String?,
    watch: @escaping (Comparison.Event) -> Void = { _ in }
  ) throws -> Comparison.Outcome {
    try Comparison(
      contenders, data: data, probeData: .folder(folder.appending(path: "corpus").path),
      probes: Tiny.probes, folder: folder.appending(path: "out"), watch: watch
    ).run(commands: [])
  }

  /// - Returns: The path of the run.
  private func run(
    _ recipe: Recipe, _ name: String, on corpus: String, in folder: URL, steps: Int? = nil
  ) throws -> String {
    let run = folder.appending(path: name)
    try TrainingJob(recipe, data: Manifest.open(corpus), scratch: folder) { _ in }
      .train(in: run, labels: run.labels, until: steps)
    return run.path
  }

  private func collapsed(
    _ name: String, seed: Int, on corpus: String, in folder: URL
  ) -> String {
    var recipe = Tiny.collapsing
    recipe.seed = seed
    #expect(throws: (any Error).self) { try run(recipe, name, on: corpus, in: folder) }
    return folder.appending(path: name).path
  }

  @Test(arguments: [[Tiny.collapsing], [Tiny.unvaried], [Tiny.ofCollapsingStage]])
  func isNotTrainedASecondTime(recipes: [Recipe]) throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let contenders = (recipes + [Tiny.recipe()]).map(Contender.recipe)
      let first = try compare(contenders, in: folder, data: corpus)
      for data in [corpus, nil] {
        var events: [String] = []
        let again = try compare(contenders, in: folder, data: data) {
          if case .run(let name) = $0 { events.append(name) }
          if case .stopped(let name, let reason) = $0 { events.append("\(name): \(reason)") }
        }
        #expect(events.count == 1 && events[0].hasPrefix("\(recipes[0].name): earlier, "))
        #expect(
          events[0].hasSuffix("remove \(folder.path)/out/\(recipes[0].name) to train it again"))
        #expect(again.stopped.map(\.reason) == first.stopped.map(\.reason))
        #expect(try again.report.runs.map(\.trainings) == first.report.runs.map(\.trainings))
        #expect(try again.report.probes == first.report.probes)
      }
    }
  }

  @Test func anotherRecipeOrOtherMusicIsTrained() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      _ = try compare([.recipe(Tiny.unvaried)], in: folder, data: corpus)
      var runs = 0
      func count(_ recipe: Recipe, _ data: String) throws -> [String] {
        try compare([.recipe(recipe)], in: folder, data: data) {
          if case .run = $0 { runs += 1 }
        }.stopped.map(\.run)
      }
      var mended = Tiny.unvaried
      mended.objective.tokens!.leastPerplexity = 1
      let half = folder.appending(path: "half")
      try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
      for i in 0..<6 {
        let name = "piece-000\(i).wav"
        try FileManager.default.copyItem(
          atPath: "\(corpus)/\(name)", toPath: "\(half.path)/\(name)")
      }
      #expect(try count(Tiny.unvaried, half.path) == ["unvaried"] && runs == 1)
      #expect(try count(mended, corpus).isEmpty && runs == 2)
      #expect(try RunStop(of: folder.appending(path: "out/unvaried")) == nil)
    }
  }

  @Test func theReasonNamesTheStageWhichIsTrainedOnce() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var other = Tiny.ofCollapsingStage
      (other.name, other.training.batchSize) = ("third", 3)
      var stages = 0
      let outcome = try compare(
        [.recipe(Tiny.ofCollapsingStage), .recipe(other)], in: folder, data: corpus
      ) { if case .training(.stage) = $0 { stages += 1 } }
      #expect(outcome.stopped.map(\.run) == ["second", "third"] && stages == 1)
      for (_, reason) in outcome.stopped {
        #expect(
          reason.hasPrefix(
            "before its own first step: its stage 'collapsing' collapsed at step 2: ema: the targets"
          ))
        #expect(reason.hasSuffix("/collapsing to train it again"))
      }
    }
  }

  @Test func runsThatCollapsedElsewhereAreContenders() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let stopped = (1...2).map {
        collapsed("c\($0)", seed: $0, on: corpus, in: folder)
      }
      var (finished, begun) = (Tiny.recipe(), Tiny.recipe())
      (finished.seed, begun.seed) = (1, 2)
      let whole = try run(finished, "m1", on: corpus, in: folder)
      // As if its teacher had collapsed after the second step.
      let part = try run(begun, "m2", on: corpus, in: folder, steps: 2)
      try FileManager.default.copyItem(
        atPath: stopped[0] + "/stopped.json", toPath: part + "/stopped.json")
      let outcome = try compare(
        [
          Contender(at: stopped[0]), Contender(at: "both=\(stopped[1]),\(stopped[0])"),
          Contender(at: "half=\(whole),\(part)"),
        ], in: folder, data: nil)
      #expect(outcome.stopped.map(\.run) == ["c1", "c1", "c2", "m2"])
      let text = try outcome.report.markdown
      #expect(text.contains("**c1** (1 of 1 collapsed at step 2, not judged;"))
      #expect(text.contains("**both** (2 of 2 collapsed at steps 2 and 2, not judged;"))
      #expect(text.contains("**half** (1 of 2 collapsed at step 2, not judged;"))
      #expect(text.contains("| c1 | stopped | stopped |"))
    }
  }

  @Test func aRunThatIsBeingTrainedSaysSo() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let path = try run(Tiny.recipe(), "exp7", on: corpus, in: folder, steps: 2)
      let error = try FolderLock.hold(URL(filePath: path)) { _ in
        #expect(throws: ComparisonError.self) { try Contender(at: path) }
      }
      let line = try #require(error).description
      #expect(
        line.hasPrefix(
          "\(path): the run is being trained, its last checkpoint is that of step 2 of 3; wait"))
    }
  }

  /// By its validations, before the recipe's last step.
  @Test func aRunThatEndedEarlyIsFinished() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var recipe = Tiny.recipe()
      recipe.training.steps = 40
      // A rate that makes it worse after the first validations.
      recipe.schedule = .init(kind: .constant, peakRate: 0.3, warmupSteps: 0)
      recipe.validation = Recipe.Validation()
      (recipe.validation!.share, recipe.validation!.every) = (0.5, 1)
      recipe.validation!.patience = 2
      let path = try run(recipe, "early", on: corpus, in: folder)
      let step = try #require(try RunFolder.latestStep(of: URL(filePath: path), recipe: recipe))
      #expect(step < 40)
      let report = try compare([Contender(at: path)], in: folder, data: nil).report
      #expect(report.runs[0].steps == step && report.runs[0].trainings[0].stopped == nil)
      #expect(report.probes.contains { $0.model == "early" && $0.kind == .pretrained })
    }
  }

  /// A stopped training counts for its own run alone, not for another of the same name.
  @Test func twoRunsOfOneRecipeNameAreToldApart() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let finished = try run(Tiny.recipe("foo"), "old/foo", on: corpus, in: folder)
      var collapsing = Tiny.collapsing
      collapsing.name = "foo"
      let report = try compare(
        [.recipe(collapsing), Contender(at: finished)], in: folder, data: corpus
      ).report
      #expect(report.runs.map(\.name) == ["foo", finished])
      #expect(report.runs.map { $0.trainings.map(\.ending) } == [[.collapsed], [nil]])
      #expect(
        report.probes.filter { $0.kind == .pretrained }.map(\.model) == [finished, finished])
    }
  }
}
