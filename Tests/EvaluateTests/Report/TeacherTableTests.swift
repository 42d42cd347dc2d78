import Evaluate
import Foundation
import Pretrain
import Testing

/// What labels hold beside what was learned from them.
@Suite struct TeacherTableTests {
  private func quality(_ store: String, codebook: Int) throws -> LabelQuality {
    let json = """
      {"store": "\(store)", "codebook": \(codebook), "codes": 500, "used": 480, "frames": 1000, "entropy": 5.7,
       "perplexity": 300.5, "mostFrequentCode": 3, "mostFrequentShare": 0.1, "agreements": [
       {"label": "pitch", "frames": 900, "classes": 12, "purity": 0.3, "codePurity": 0.1, "mostFrequent": 0.2,
        "normalisedInformation": 0.123}]}
      """
    return try JSONDecoder().decode(LabelQuality.self, from: Data(json.utf8))
  }

  @Test func eachLabelSetHasARow() throws {
    var report = ReportSample.report
    report.runs[0].labels = [try quality("labels-0.h5", codebook: 0)]
    report.runs[2].labels = [
      try quality("labels-0.h5", codebook: 0), try quality("labels-1.h5", codebook: 0),
      try quality("labels-1.h5", codebook: 1),
    ]
    let text = report.markdown
    #expect(
      text.contains(
        "| model | labels | codes used | perplexity | pitch, PNMI in % | pitch, student |"))
    #expect(text.contains("| musichubert-nano | – | 480 of 500 | 300 | 12.3 | "))
    #expect(text.contains("| mert-nano | teacher 1 | 480 of 500 | "))
    #expect(text.contains("| mert-nano | teacher 2, codebook 2 | "))
    #expect(report.html.contains("<small>teacher 2, codebook 1</small>"))
    #expect(try ComparisonReport(json: report.json) == report)
  }

  @Test func withoutLabelsThereIsNone() {
    #expect(!ReportSample.report.html.contains("id=\"labels\""))
    #expect(!ReportSample.report.markdown.contains("PNMI"))
  }
}
