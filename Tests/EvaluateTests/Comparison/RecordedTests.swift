import Evaluate
import Foundation
import Pretrain
import Testing
import Train

/// What a comparison records beside the scores, for the later sections of its page.
@Suite struct RecordedTests {
  private func outcome(in folder: URL) throws -> Comparison.Outcome {
    let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
    return try Comparison(
      [.recipe(Tiny.recipe())], seeds: [4, 7], data: corpus, probeData: .folder(corpus),
      probes: Tiny.probes, folder: folder.appending(path: "out")
    ).run(commands: [])
  }

  @Test func costLabelsLayersAndAnswersAreKept() throws {
    try withFolder { folder in
      let report = try outcome(in: folder).report
      let run = report.runs[0]
      let operations = try Tiny.recipe().plan().costs.operations
      for training in run.trainings {
        let cost = try #require(training.cost)
        // Three steps of two crops of half a second.
        #expect(abs(cost.hoursHeard - 3.0 / 3600) < 1e-12)
        #expect(cost.operations == 3 * operations && cost.stageOperations == 0)
        #expect(try #require(cost.cpuSeconds) > 0)
      }
      let labels = try #require(run.labels)
      #expect(labels.map(\.codes) == [4])
      #expect(labels[0].agreements.map(\.label) == [.key, .chord, .pitch, .instrument])
      let loss = try #require(run.courses?.first)
      #expect(loss.name == "loss" && loss.points.map(\.seeds) == [2, 2, 2])
      #expect(loss.points[0].low < loss.points[0].high)
      for result in report.probes {
        let answers = try #require(result.answers)
        let hits = answers.predicted.map { answers in
          zip(answers, result.answers!.truth).map { $0 == $1 ? Float(1) : 0 }
        }
        #expect(hits == result.items?.worths)
        #expect(result.layers?.map(\.layer) == (result.kind == .statistics ? nil : [0, 1]))
        #expect(result.layers?.allSatisfy { $0.scores.count == 2 } ?? true)
      }
    }
  }

  /// Who made the trainings, and how, is on the page, folded away.
  @Test func commitsAndCommandsOfTheTrainingsAreKept() throws {
    try withFolder { folder in
      let report = try outcome(in: folder).report
      let work = report.runs[0].trainings.map { $0.work?.map(\.step) }
      #expect(work == [[0], [0]])
      #expect(report.runs[0].trainings[0].work?[0].command == CommandLine.arguments)
      #expect(report.html.contains("<summary>Commits and commands of the trainings</summary>"))
      #expect(report.markdown.contains("| tiny | 7 | 0 | "))
      #expect(report.machine.commit == report.runs[0].trainings[0].work?[0].commit)
    }
  }

  /// A comparison that was interrupted, or has another contender now, goes on with what it has probed.
  @Test func whatIsProbedIsKept() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      func compare(
        _ recipes: [Recipe], _ probes: ProbeRecipe = Tiny.probes
      ) throws -> (probed: [String], report: ComparisonReport) {
        var probed: [String] = []
        let outcome = try Comparison(
          recipes.map { .recipe($0) }, data: corpus, probeData: .folder(corpus), probes: probes,
          folder: folder.appending(path: "out")
        ) { if case .probing(let title, 1, _) = $0 { probed.append(title) } }.run(commands: [])
        return (probed.uniqued(), try outcome.report)
      }
      let first = try compare([Tiny.recipe()])
      #expect(first.probed == ["tiny", "tiny, random", "hand-made statistics"])
      let again = try compare([Tiny.recipe()])
      #expect(again.probed.isEmpty && again.report.probes == first.report.probes)
      let wider = try compare([Tiny.recipe(), Tiny.recipe("other")])
      // Its seed is the same, so is its model.
      #expect(wider.probed.isEmpty && wider.report.probes.count == first.report.probes.count + 4)
      var others = Tiny.probes
      others.folds = 4
      #expect(try compare([Tiny.recipe()], others).probed.count == 3)
      // One that is damaged is made anew.
      let kept = folder.appending(path: "out/probes")
      for name in try FileManager.default.contentsOfDirectory(atPath: kept.path) {
        try Data("[".utf8).write(to: kept.appending(path: name))
      }
      let mended = try compare([Tiny.recipe()])
      #expect(mended.probed.count == 3 && mended.report.probes == first.report.probes)
    }
  }

  /// From `report.json` alone.
  @Test func aReportIsWrittenAgain() throws {
    try withFolder { folder in
      #expect(try ComparisonReport.rewrite(in: folder) == nil)
      let page = try ReportSample.report.write(to: folder)
      let before = try Data(contentsOf: page)
      try Data().write(to: page)
      #expect(try ComparisonReport.rewrite(in: folder)?.path == page.path)
      #expect(try Data(contentsOf: page) == before)
      // Whatever a page cannot be made of is damage, not a trap.
      for damage in [
        #""accuracies" : [],"#, #""accuracies" : [0.5, 0.6, 0.7, 0.8],"#,
        #""accuracies" : [0.5, 0.6, "nan"],"#,
        #""accuracies" : [0.5, 0.6, 0.7], "items": {"pieces": "4 4", "worths": ["1 0", "1 0", "1 0"]},"#,
        #""accuracies" : [0.5, 0.6, 0.7], "layers": [{"layer": 0, "scores": []}],"#,
      ] {
        let text = String(decoding: try ReportSample.report.json, as: UTF8.self)
          .replacing(/"accuracies" : \[[^\]]*\],/, with: damage)
        try Data(text.utf8).write(to: folder.appending(path: "report.json"))
        #expect(throws: ComparisonError.self, "\(damage)") {
          try ComparisonReport.rewrite(in: folder)
        }
      }
      try Data("{}".utf8).write(to: folder.appending(path: "report.json"))
      #expect {
        try ComparisonReport.rewrite(in: folder)
      } throws: {
        "\($0)".contains("report.json: is no report of a comparison, or damaged; compare again")
      }
    }
  }
}

extension [String] {
  fileprivate func uniqued() -> [String] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
