import Evaluate
import Foundation
import Testing

/// The published rows beside recipes of both families.
@Suite struct PublishedRowsTests {
  private var report: ComparisonReport {
    var report = ReportSample.bare
    let families = [
      ("nano-music2vec-span5", ["objective.regression.weight", "teacher.ema.topLayers"]),
      ("nano-musichubert-k500-mfcc60", ["objective.codes.width", "teacher.kmeans[0].features"]),
    ]
    for (name, paths) in families {
      var run = ReportSample.run(name)
      run.recipe = paths.map { .init(path: $0, value: "1") }
      report.runs.append(run)
      report.probes.append(
        ProbeResult(
          model: name, kind: .pretrained, task: "key", metric: .accuracy, chance: 0.1,
          scores: name.contains("span5") ? [0.2, 0.3, 0.4] : [0.3, 0.4, 0.5], repeats: .weights))
    }
    return report
  }

  /// Each row once, in the page and in Markdown, with the contender of its recipe and the latter's rank.
  @Test func theTwelveRowsStandApart() {
    let (page, text) = (report.html, report.markdown)
    for title in ["music2vec, vanilla", "music2vec, crop5s", "musicHuBERT, k=2000, iteration 2"] {
      #expect(page.components(separatedBy: ">\(title)<").count == 2)
    }
    #expect(
      page.contains("The level of these scores")
        || page.contains("the level of these scores has nothing to do"))
    #expect(page.contains("ISMIR 2023"))
    #expect(text.contains("| music2vec, span=5 | 49.7 | 12 | nano-music2vec-span5 | 2.0 | 87.3 |"))
    #expect(
      text.contains(
        "| musicHuBERT, k=500, MFCC 60 | 65.0 | 1 | nano-musichubert-k500-mfcc60 | 1.0 | 90.3 |"))
    #expect(text.contains("| music2vec, vanilla | 57.8 | 7 | – | – | 89.1 |"))
    #expect(text.components(separatedBy: "\n| music").count == 1 + 12)
  }

  /// The printed averages are the mean of nine tasks, of which tagging and emotion have two columns.
  @Test func theAveragesFollowFromTheRows() {
    let lines = report.markdown.split(separator: "\n").filter { $0.hasPrefix("| music") }
    for line in lines {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let average = Double(cells[1]) else { continue }
      let scores = cells.suffix(11).compactMap(Double.init)
      let tasks =
        [(scores[0] + scores[1]) / 2, scores[2], scores[3], (scores[4] + scores[5]) / 2]
        + scores[6...]
      #expect(abs(tasks.reduce(0, +) / 9 - average) < 0.06, "\(line)")
    }
  }

  @Test func oneFamilyAloneHasNone() {
    var report = report
    report.runs.removeLast()
    #expect(!report.html.contains("id=\"published\"") && !report.markdown.contains("published"))
    #expect(!ReportSample.report.html.contains("id=\"published\""))
  }
}
