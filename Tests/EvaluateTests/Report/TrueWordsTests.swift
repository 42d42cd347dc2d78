import Evaluate
import Foundation
import Testing

/// What a report says of times, front ends and commands.
@Suite struct TrueWordsTests {
  /// A report on runs that were trained earlier used to give the time of its probes for that of all.
  @Test func theTimeIsThatOfTheTrainingsToo() throws {
    try withFolder { folder in
      let corpus = try Tiny.corpus(folder.appending(path: "corpus"))
      func report() throws -> ComparisonReport {
        try Comparison(
          [.recipe(Tiny.recipe())], data: corpus, probeData: .folder(corpus), probes: Tiny.probes,
          folder: folder.appending(path: "out")
        ).run(commands: []).report
      }
      _ = try report()
      // As if each of the three steps had taken a quarter of an hour.
      let log = folder.appending(path: "out/tiny/log.jsonl")
      let text = try String(contentsOf: log, encoding: .utf8)
        .replacing(/"secondsPerStep":[^,}]*/, with: #""secondsPerStep":900"#)
      try Data(text.utf8).write(to: log)
      let again = try report()
      #expect(again.runs[0].seconds == 2700)
      #expect(again.seconds > 2700)
      #expect(again.markdown.contains("of training and probes;"))
      #expect(!again.markdown.contains("in all"))
      #expect(
        again.markdown.contains(
          "Hand-made statistics are means, and means with standard deviations"))
      #expect(again.markdown.contains("Of the models' hidden states there is the mean, or"))
    }
  }

  /// Twelve names once made a heading of six lines.
  @Test func titlesStayShort() {
    let names = (1...12).map { "run-\($0)" }
    #expect(ComparisonReport.title(of: Array(names.prefix(1))) == "run-1")
    #expect(ComparisonReport.title(of: Array(names.prefix(4))) == "run-1, run-2, run-3, run-4")
    #expect(ComparisonReport.title(of: Array(names.prefix(5))) == "run-1, run-2, run-3 and 2 more")
    #expect(ComparisonReport.title(of: names) == "run-1, run-2, run-3 and 9 more")
  }

  @Test(arguments: [
    (["etude", "compare", "a b.yaml"], "etude compare 'a b.yaml'"),
    (["--set", "a=[8, 8]", "--out", "runs/x"], "--set 'a=[8, 8]' --out runs/x"),
    (["it's", "", "$HOME", "*", "ü.wav"], #"'it'\''s' '' '$HOME' '*' ü.wav"#),
    (["a\nb", "\"", "~", "#"], "'a\nb' '\"' '~' '#'"),
  ])
  func commandsCanBePasted(arguments: [String], line: String) {
    #expect(Shell.command(arguments) == line)
  }
}
