import Evaluate
import Foundation
import Testing

/// Which contenders are pairs, and what the change between them did.
@Suite struct SettingEffectTests {
  /// A run by its settings, three scores on one task and what each of twelve items of four pieces was worth.
  private func add(
    _ name: String, _ settings: [String: String], _ scores: [Double],
    to report: inout ComparisonReport,
    repeats: ProbeResult.Repeats = .weights
  ) {
    var run = ReportSample.run(name)
    run.recipe = settings.sorted { $0.key < $1.key }.map { .init(path: $0.key, value: $0.value) }
    run.recipe += [.init(path: "name", value: name), .init(path: "training.logEvery", value: name)]
    report.runs.append(run)
    report.probes.append(
      ProbeResult(
        model: name, kind: .pretrained, task: "key", metric: .accuracy, chance: 0.1, scores: scores,
        repeats: repeats))
  }

  private func changes(_ report: ComparisonReport) -> [String] {
    report.effects.map { effect in
      effect.change.settings.map { "\($0.path) \($0.from ?? "-")>\($0.to ?? "-")" }
        .joined(separator: " ") + " of \(effect.pairs.count)"
    }
  }

  /// Pairs that differ in one setting, whatever else they share, are one effect: 2 and 4 points make 3.
  @Test func anEffectIsTheMeanOverPairs() throws {
    var report = ReportSample.bare
    add("a", ["mask": "10", "k": "1"], [0.20, 0.30, 0.40], to: &report)
    add("b", ["mask": "5", "k": "1"], [0.22, 0.32, 0.42], to: &report)
    add("c", ["mask": "10", "k": "2"], [0.50, 0.50, 0.50], to: &report)
    add("d", ["mask": "5", "k": "2"], [0.53, 0.54, 0.55], to: &report)
    #expect(changes(report) == ["mask 10>5 of 2", "k 1>2 of 2"])
    let effect = try #require(report.effects.first)
    #expect(effect.pairs == [["a", "b"], ["c", "d"]])
    #expect(zip(effect.differences, [0.025, 0.03, 0.035]).allSatisfy { abs($0 - $1) < 1e-12 })
    // s = 0.005, 4.3027 · 0.005 / √3 = 0.01242.
    #expect(abs(effect.interval.mean - 0.03) < 1e-12)
    #expect(abs(effect.interval.halfWidth - 0.01242) < 1e-5)
    #expect(effect.isClear)
    #expect(report.markdown.contains("| mask 10 → 5 | 2 | ▲ +3.0\u{00A0}±\u{00A0}1.2 |"))
    #expect(report.html.contains("mask 10 → 5: better: +3.0\u{00A0}±\u{00A0}1.2"))
  }

  /// Two settings are one change only where no contender has one of them alone.
  @Test func whatGoesTogetherIsOneChange() {
    var report = ReportSample.bare
    add("a", ["steps": "10", "decay": "2", "mask": "10"], [0.2, 0.3, 0.4], to: &report)
    add("long", ["steps": "20", "decay": "4", "mask": "10"], [0.2, 0.3, 0.4], to: &report)
    add("b", ["steps": "10", "decay": "2", "mask": "5"], [0.2, 0.3, 0.4], to: &report)
    #expect(changes(report) == ["decay 2>4 steps 10>20 of 1", "mask 10>5 of 1"])
    add("half", ["steps": "20", "decay": "2", "mask": "10"], [0.2, 0.3, 0.4], to: &report)
    #expect(changes(report) == ["mask 10>5 of 1", "steps 10>20 of 1", "decay 2>4 of 1"])
  }

  /// Of three values, those against the first; the first is that of the contender named first.
  @Test func valuesAreHeldAgainstTheFirst() {
    var report = ReportSample.bare
    for (name, value) in [("a", "10"), ("b", "5"), ("c", "15")] {
      add(name, ["mask": value], [0.2, 0.3, 0.4], to: &report)
    }
    #expect(changes(report) == ["mask 10>5 of 1", "mask 10>15 of 1"])
  }

  @Test func recipesApartAreNoPair() {
    var report = ReportSample.bare
    add("a", ["a": "1", "b": "1", "c": "1", "d": "1", "e": "1"], [0.2, 0.3], to: &report)
    add("b", ["a": "2", "b": "2", "c": "2", "d": "2", "e": "2"], [0.2, 0.3], to: &report)
    #expect(report.effects.isEmpty)
    #expect(!report.html.contains("id=\"effects\"") && !report.markdown.contains("each setting"))
  }

  /// Of a model of another's making the numbers tell nothing of its training.
  @Test func modelsThatWereNotTrainedHereHaveNoPart() {
    var report = ReportSample.bare
    add("a", ["mask": "10"], [0.20, 0.21, 0.22], to: &report)
    add("b", ["mask": "5"], [0.40, 0.41, 0.42], to: &report)
    report.runs[1].trainings = []
    #expect(report.effects.isEmpty)
  }

  /// Runs on other music do not differ in a setting alone; what differs in the music alone shows what that does.
  @Test func theMusicIsASetting() {
    var report = ReportSample.bare
    add("a", ["mask": "10"], [0.20, 0.21, 0.22], to: &report)
    add("b", ["mask": "10"], [0.40, 0.41, 0.42], to: &report)
    for (run, folder) in ["x", "y"].enumerated() {
      report.runs[run].music = [.init(folder: folder, files: 2, seconds: 30)]
    }
    #expect(changes(report) == ["music 2 files of x, 30\u{00A0}s>2 files of y, 30\u{00A0}s of 1"])
  }

  @Test func singleTrainingsHaveNoIntervalAndNoMark() {
    var report = ReportSample.bare
    add("a", ["mask": "10"], [0.20, 0.21, 0.22], to: &report, repeats: .folds)
    add("b", ["mask": "5"], [0.40, 0.41, 0.42], to: &report, repeats: .folds)
    #expect(report.effects.map(\.interval.halfWidth) == [.infinity])
    #expect(report.effects.map(\.isClear) == [false])
    #expect(report.markdown.contains("| mask 10 → 5 | 1 | +20.0 |"))
    #expect(report.html.contains("Between single trainings there is no interval"))
  }

  @Test func aRecipeWithAStoppedTrainingHasNoPart() {
    var report = ReportSample.bare
    add("a", ["mask": "10"], [0.20, 0.21, 0.22], to: &report)
    add("b", ["mask": "5"], [0.40, 0.41, 0.42], to: &report)
    add("c", ["mask": "15"], [0.40, 0.41, 0.42], to: &report)
    report.runs[1].trainings[0].stopped = "collapsed"
    #expect(changes(report) == ["mask 10>15 of 1"])
    #expect(report.markdown.contains("Without b, of which a training was stopped."))
  }

  /// Copies that differ in a setting without effect, 200 reports of eight effects: a mark in no more than one of twenty.
  @Test func whatIsNothingIsSeldomMarked() {
    var marked = 0
    for number in 0..<200 {
      var generator = SystemRandomSource(seed: UInt64(number) + 1)
      var report = ReportSample.bare
      for copy in 0..<9 {
        let luck = (0..<3).map { _ in generator.normal * 0.04 }
        add("\(copy)", ["mask": "\(copy)"], luck.map { 0.5 + $0 }, to: &report)
        let worths = luck.map { luck in
          (0..<150).map { _ in generator.uniform < 0.5 + luck ? Float(1) : 0 }
        }
        report.probes[copy].items = ItemScores(pieces: Array(0..<150), worths: worths)
        report.probes[copy].scores = worths.map { Double($0.reduce(0, +)) / 150 }
      }
      #expect(report.effects.count == 8)
      if report.effects.contains(where: \.isClear) { marked += 1 }
    }
    #expect(marked <= 10)
  }
}

/// Numbers that are the same in every process.
private struct SystemRandomSource {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  var uniform: Double {
    mutating get {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
  }

  var normal: Double {
    mutating get { (0..<12).reduce(-6) { sum, _ in sum + uniform } }
  }
}
