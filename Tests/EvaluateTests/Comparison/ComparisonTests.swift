import Evaluate
import Foundation
import Pretrain
import Settings
import Testing
import Train
import YAML

/// A comparison from recipes to report, on a corpus of minutes.
@Suite struct ComparisonTests {
  @Test func everySeedIsARunAndTheTableHoldsThemAll() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let out = folder.appending(path: "out")
      func compare(_ watch: @escaping (Comparison.Event) -> Void = { _ in }) throws
        -> ComparisonReport
      {
        try Comparison(
          [.recipe(Tiny.recipe())], seeds: [4, 7], data: corpus, probeData: .folder(corpus),
          probes: Tiny.probes, folder: out, watch: watch
        ).run(commands: []).report
      }
      let report = try compare()
      for seed in [4, 7] {
        let run = out.appending(path: "tiny-seed-\(seed)")
        let resolved = try RecipeFile.load(Recipe.self, from: run.recipeFile.path)
        #expect(resolved.seed == seed)
        #expect(try run.latestCheckpoint?.lastPathComponent == "step-3")
      }
      #expect(report.runs.map(\.name) == ["tiny"])
      #expect(report.runs[0].trainings.map(\.seed) == [4, 7])
      let trained = report.probes.filter { $0.kind == .pretrained }
      #expect(trained.map(\.task) == ["pitch", "beat"])
      #expect(trained.allSatisfy { $0.model == "tiny" && $0.repeats == .weights })
      // What a run is compared with has its seeds: the weights it began from, the folds it is probed on.
      #expect(report.probes.allSatisfy { $0.seeds == [4, 7] && $0.scores.count == 2 })

      var reused: [String] = []
      _ = try compare { if case .reused(let name, _) = $0 { reused.append(name) } }
      #expect(reused == ["tiny-seed-4", "tiny-seed-7"])
    }
  }

  /// Neither the others nor the report wait for it, and neither does it pass for a result.
  @Test func aStoppedTrainingIsAnOutcomeWithoutAVerdict() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let comparison = try Comparison(
        [.recipe(Tiny.collapsing), .recipe(Tiny.recipe())], data: corpus,
        probeData: .folder(corpus), probes: Tiny.probes, folder: folder.appending(path: "out"))
      let outcome = try comparison.run(commands: [])
      #expect(outcome.stopped.map(\.run) == ["collapsing"])
      let line = ComparisonError.stopped(outcome.stopped).description
      #expect(line.contains("run collapsing was stopped: ema: the targets collapsed at step 2"))
      #expect(line.contains("no verdict on the recipe") && !line.contains("\n"))

      let report = try outcome.report
      #expect(report.runs.map(\.name) == ["collapsing", "tiny"])
      #expect(report.runs[0].trainings[0].steps == 2)
      #expect(report.probes.filter { $0.kind == .pretrained }.allSatisfy { $0.model == "tiny" })
      #expect(report.markdown.contains("(1 of 1 collapsed at step 2, not judged;"))
      #expect(report.markdown.contains("there is nothing to probe."))
      #expect(report.markdown.contains("| collapsing | stopped | stopped |"))
      #expect(report.html.contains(#"<td class="absent">stopped</td>"#))
    }
  }

  /// Before a run of it has begun: its tokens cannot be fitted, or a stage of it ends.
  @Test(arguments: [Tiny.unvaried, Tiny.ofCollapsingStage])
  func aTrainingThatCannotBeginIsAnOutcome(recipe: Recipe) throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      let outcome = try Comparison(
        [.recipe(recipe), .recipe(Tiny.recipe())], data: corpus, probeData: .folder(corpus),
        probes: Tiny.probes, folder: folder.appending(path: "out")
      ).run(commands: [])
      #expect(outcome.stopped.map(\.run) == [recipe.name])
      let line = ComparisonError.stopped(outcome.stopped).description
      #expect(line.contains("before its own first step: "))
      let report = try outcome.report
      #expect(report.markdown.contains("(1 of 1 collapsed at step 0, not judged;"))
      #expect(report.runs[0].trainings[0].ending == .collapsed)
      #expect(report.runs[0].parameters > 0)
      #expect(report.probes.filter { $0.kind == .pretrained }.allSatisfy { $0.model == "tiny" })
    }
  }

  /// The step is the last one that was logged.
  @Test func tokensThatCollapseLaterAreAnOutcome() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      var recipe = Tiny.unvaried
      recipe.objective.tokens!.patience = 2
      recipe.objective.tokens!.leastPerplexity = 11
      let outcome = try Comparison(
        [.recipe(recipe), .recipe(Tiny.recipe())], data: corpus, probeData: .folder(corpus),
        probes: Tiny.probes, folder: folder.appending(path: "out")
      ).run(commands: [])
      #expect(outcome.stopped.map(\.run) == [recipe.name])
      #expect(try outcome.report.runs[0].trainings[0].steps == 2)
    }
  }
}
