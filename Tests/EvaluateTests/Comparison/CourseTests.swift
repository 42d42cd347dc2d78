import Evaluate
import Foundation
import Testing
import Train

/// Checkpoints that a run keeps, probed on the way.
@Suite struct CourseTests {
  private func report(
    _ seeds: [Int], _ checkpoints: ProbedCheckpoints, in folder: URL,
    watch: @escaping (Comparison.Event) -> Void = { _ in }
  ) throws -> ComparisonReport {
    var recipe = Tiny.recipe()
    recipe.training.keepEvery = 1
    let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
    return try Comparison(
      [.recipe(recipe)], seeds: seeds, data: corpus, probeData: .folder(corpus),
      probes: Tiny.probes, checkpoints: checkpoints, folder: folder.appending(path: "out"),
      watch: watch
    ).run(commands: []).report
  }

  @Test func keptCheckpointsMakeACourse() throws {
    try withFolder { folder in
      let report = try report([4, 7], .all, in: folder)
      let course = try #require(report.courses?.first)
      #expect(report.courses?.count == 1 && course.model == "tiny")
      #expect(course.points.map(\.step) == [0, 1, 2, 3])
      // Two crops of half a second in a step.
      for (point, hours) in zip(course.points, [0, 1, 2, 3].map { $0 / 3600.0 }) {
        #expect(abs(point.hoursHeard - hours) < 1e-12)
        #expect(point.results.map(\.task) == ["pitch", "beat"])
        #expect(point.results.allSatisfy { $0.seeds == [4, 7] && $0.repeats == .weights })
      }
      #expect(course.points[1].operations > 0)
      #expect(course.points[3].operations == 3 * course.points[1].operations)
      #expect(course.points[0].results == report.probes.filter { $0.kind == .randomInitialisation })
      #expect(course.points[3].results == report.probes.filter { $0.kind == .pretrained })
      #expect(try ComparisonReport(json: report.json).courses == report.courses)
      #expect(report.html.components(separatedBy: #"class="chart course""#).count == 7)
      #expect(report.html.contains("Over the steps of the training"))
      #expect(report.markdown.contains("| tiny | 2 | "))
      #expect(report.markdown.contains("| tiny | 0 | 0 | 0 | "))
    }
  }

  /// A mean over the others would look like one of all.
  @Test func aRecipeWithAStoppedTrainingHasNoLine() throws {
    try withFolder { folder in
      var report = try report([4, 7], .all, in: folder)
      let line = "Accuracy on pitch. tiny from "
      #expect(report.html.contains(line))
      report.runs[0].trainings[1].stopped = "collapsed"
      #expect(!report.html.contains(line))
      #expect(report.html.contains("Without tiny, of which a training was stopped."))
    }
  }

  @Test func itIsSaidWhichCheckpointIsProbed() throws {
    try withFolder { folder in
      var titles: [String] = []
      _ = try report([], .all, in: folder) {
        if case .probing(let title, 1, _) = $0 { titles.append(title) }
      }
      let ofCheckpoints = titles.filter { $0.hasPrefix("tiny") && !$0.contains("random") }
      #expect(ofCheckpoints == ["tiny", "tiny, step 1", "tiny, step 2"])
    }
  }

  @Test func theLastCheckpointAloneMakesNone() throws {
    try withFolder { folder in
      let report = try report([], .last, in: folder)
      #expect(report.courses == nil)
      #expect(!report.html.contains("Scores over the training"))
    }
  }
}
