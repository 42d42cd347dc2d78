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

  /// From `report.json` alone.
  @Test func aReportIsWrittenAgain() throws {
    try withFolder { folder in
      #expect(try ComparisonReport.rewrite(in: folder) == nil)
      let page = try ReportSample.report.write(to: folder)
      let before = try Data(contentsOf: page)
      try Data().write(to: page)
      #expect(try ComparisonReport.rewrite(in: folder)?.path == page.path)
      #expect(try Data(contentsOf: page) == before)
      try Data("{}".utf8).write(to: folder.appending(path: "report.json"))
      #expect {
        try ComparisonReport.rewrite(in: folder)
      } throws: {
        "\($0)".contains("report.json: is no report of a comparison, or damaged; compare again")
      }
    }
  }
}
