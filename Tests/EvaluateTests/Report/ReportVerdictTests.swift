import Evaluate
import Foundation
import Testing
import Train

@Suite struct ReportVerdictTests {
  /// One run probed on one task.
  private func report(
    _ pretrained: [Double], over random: [Double]?, chance: Double = 0.1
  ) -> ComparisonReport {
    var report = ReportSample.bare
    report.runs = [ReportSample.run("model")]
    report.probes = [
      ProbeResult(
        model: "model", kind: .pretrained, task: "key", metric: .accuracy, chance: chance,
        scores: pretrained,
        repeats: .weights)
    ]
    if let random {
      report.probes.append(
        ProbeResult(
          model: "model", kind: .randomInitialisation, task: "key", metric: .accuracy,
          chance: chance,
          scores: random, repeats: .weights))
    }
    return report
  }

  @Test func outcomesFollowTheRule() {
    let random = [0.40, 0.40, 0.40]
    #expect(report([0.60, 0.60, 0.60], over: random).outcomes[0].judgement == .learned)
    #expect(report([0.42, 0.42, 0.42], over: random).outcomes[0].judgement == .smallGain)
    #expect(report([0.20, 0.50, 0.80], over: random).outcomes[0].judgement == .withinIntervals)
    #expect(report([0.30, 0.30, 0.30], over: random).outcomes[0].judgement == .worse)
    #expect(report([0.60], over: random).outcomes[0].judgement == .trainedOnce)
    #expect(report([0.60, 0.60], over: [0.40]).outcomes[0].judgement == .notComparable)
    #expect(report([0.60, 0.60], over: nil).outcomes[0].judgement == .notComparable)
  }

  /// Others may have brought more random initialisations into the report.
  @Test func theGainIsThatOfTheSeedsOfBoth() {
    var report = report([0.60, 0.61, 0.62], over: [0.54, 0.55, 0.56, 0.66, 0.67])
    report.probes[1].seeds = [1, 2, 3, 7, 8]
    let outcome = report.outcomes[0]
    #expect(outcome.judgement == .learned)
    #expect(abs(outcome.gain! - 0.06) < 1e-9 && abs(outcome.randomScore! - 0.55) < 1e-9)
  }

  @Test func whatWasLearnedIsSaidWithItsPoints() {
    let text = report([0.60, 0.60, 0.60], over: [0.40, 0.40, 0.40]).markdown
    #expect(text.contains("learned 1 of 1 task;"))
    #expect(
      text.contains(
        "It beats its own random initialisation, outside the intervals, on key "
          + "(60.0% against 40.0%, +20.0 points)."))
  }

  @Test func whatWasNotLearnedIsSaidAsPlainly() {
    let text = report([0.05, 0.15, 0.20], over: [0.10, 0.14, 0.12]).markdown
    #expect(text.contains("learned none of 1 task;"))
    #expect(text.contains("On no task does it beat its own random initialisation"))
    #expect(
      text.contains(
        "Nothing can be said of key (13.3% against 12.0%, no better than guessing at 10.0%): "
          + "the difference lies inside the intervals."))
  }

  @Test func aLossIsCalledALoss() {
    let text = report([0.30, 0.30, 0.30], over: [0.40, 0.40, 0.40]).markdown
    #expect(
      text.contains(
        "Training made it worse, outside the intervals, at key (30.0% against 40.0%, "
          + "−10.0 points)."))
  }

  @Test func oneSeedIsNotJudged() {
    let text = report([0.60], over: [0.40]).markdown
    #expect(text.contains("One training says little of what another seed would give"))
    #expect(!text.contains("On no task"))
  }

  @Test func statisticsThatDoBetterAreNamed() {
    let text = ReportSample.report.markdown
    #expect(
      text.contains("do better still: log-mel statistics on instrument (84.0%) and key (62.0%)."))
  }

  @Test func aRisingLossIsNotCalledFalling() {
    var rising = report([0.6, 0.6], over: [0.4, 0.4])
    rising.runs[0].log = (1...20).map { StepRecord(step: $0, loss: Float($0)) }
    #expect(rising.markdown.contains("Its loss did not fall: from 1.50 to 19.5"))
    rising.runs[0].log[6].loss = .nan
    #expect(rising.markdown.contains("The loss stopped being a number at step 7."))
  }
}

@Suite struct ReportMarkdownTests {
  @Test func hostileTextStaysInItsCell() {
    let text = ReportPageTests.hostileReport.markdown
    let outsideOfCode = text.split(separator: "\n").filter { !$0.hasPrefix("    ") }
    #expect(!outsideOfCode.contains { $0.contains("<script") })
    let row = text.split(separator: "\n").first { $0.hasPrefix("| \"&gt;") }
    #expect(row != nil)
    #expect(text.contains(#"\| \`x\` \*\*b\*\* \\u\{202E\}gpj"#))
  }

  @Test func aReportOfNothingIsStillOne() {
    let text = ReportSample.bare.markdown
    #expect(text.hasPrefix("# Nothing yet\n"))
    #expect(text.contains("every file could be used"))
  }
}
