import Evaluate
import Foundation
import Testing

/// Marks stand for what several trainings show, and for nothing else.
@Suite struct MarkTests {
  /// Pitch of four copies of one recipe, 250 steps of mert-nano, that differ in the seed of training
  /// alone: each probed with the folds of three seeds.
  private static let copies = [
    [0.374, 0.398, 0.380], [0.273, 0.279, 0.281], [0.302, 0.295, 0.298], [0.368, 0.366, 0.359],
  ]

  private func report(
    _ accuracies: [[Double]], repeats: ProbeResult.Repeats, trainings: Int
  ) -> ComparisonReport {
    var report = ReportSample.bare
    for (i, accuracies) in accuracies.enumerated() {
      var run = ReportSample.run("copy \(i)")
      run.trainings = (1...trainings).map { .init(seed: $0, steps: 250, seconds: 10) }
      report.runs.append(run)
      report.probes += [
        ProbeResult(
          model: run.name, kind: .pretrained, task: "pitch", metric: .accuracy, chance: 0.1,
          scores: accuracies,
          repeats: repeats),
        ProbeResult(
          model: run.name, kind: .randomInitialisation, task: "pitch", metric: .accuracy,
          chance: 0.1,
          scores: [0.22, 0.23, 0.24], repeats: .weights),
      ]
    }
    report.probes.append(
      ProbeResult(
        model: "log-mel statistics", kind: .statistics, task: "pitch", metric: .accuracy,
        chance: 0.1,
        scores: [0.8, 0.81, 0.82], repeats: .folds))
    return report
  }

  @Test func copiesOfOneRecipeDifferInNothing() {
    let report = report(Self.copies, repeats: .folds, trainings: 1)
    #expect(report.outcomes.map(\.judgement) == Array(repeating: .trainedOnce, count: 4))
    #expect(report.differences.map(\.isClear) == [false, false, false])
    for text in [report.markdown, report.html] {
      #expect(!text.contains("▲") && !text.contains("▼") && !text.contains("✓"))
      #expect(!text.contains("learned 1") && !text.contains("It beats") && !text.contains("worse,"))
      #expect(!text.contains("class=\"learned\"") && !text.contains("class=\"worse\""))
      #expect(text.contains("trained once, not judged"))
    }
    #expect(report.markdown.contains("| copy 1 | −10.6 |"))
    #expect(report.markdown.contains("pitch 27.8% against 23.0% (+4.8 points)."))
    #expect(
      report.markdown.contains("Higher without any model: log-mel statistics on pitch (81.0%)."))
  }

  /// The same numbers, each of another training: these seeds may be compared.
  @Test func severalTrainingsAreJudged() {
    let report = report(Self.copies, repeats: .weights, trainings: 3)
    #expect(report.outcomes.allSatisfy { $0.judgement == .learned || $0.judgement == .smallGain })
    #expect(report.differences.map(\.isClear) == [true, true, false])
    #expect(report.markdown.contains("learned 1 of 1 task"))
  }

  @Test func whatAnIntervalCoversIsWritten() {
    let once = report(Self.copies, repeats: .folds, trainings: 1).markdown
    #expect(once.contains("Trained once: copy 0, copy 1, copy 2 and copy 3."))
    #expect(once.contains("cover only how the pieces are dealt into folds, with the same weights"))
    #expect(once.contains("no interval covers other music"))
    #expect(
      once.contains("between single trainings: another seed of either recipe may turn the sign"))
    let often = report(Self.copies, repeats: .weights, trainings: 3).html
    #expect(often.contains("copy 0 (3 trainings)"))
    #expect(often.contains("cover the spread of training and of the folds together"))
    #expect(!often.contains("Trained once"))
  }

  /// As with --seeds 1: there is one dealing into folds, and one initialisation.
  @Test func aSingleSeedIsDescribedAsOne() {
    var report = report(Self.copies.map { [$0[0]] }, repeats: .weights, trainings: 1)
    for index in report.probes.indices {
      report.probes[index].scores = [report.probes[index].scores[0]]
      report.probes[index].seeds = [1]
      report.probes[index].items = ItemScores(
        pieces: [0, 0, 1, 1, 2], worths: [[1, 0, 1, 1, 0]])
    }
    #expect(report.outcomes.allSatisfy { $0.judgement == .trainedOnce })
    for text in [report.markdown, report.html] {
      #expect(text.contains("trained once, not judged") && !text.contains("not compared"))
      #expect(text.contains("These intervals cover only the choice of the pieces, with the same"))
      #expect(text.contains("one score each, too. No interval covers how the pieces are dealt"))
      #expect(!text.contains("each seed has its own"))
    }
    // Four models, their random initialisation, the statistics and the legend; the legend alone.
    #expect(report.html.components(separatedBy: #"class="interval folds""#).count == 8)
    #expect(report.html.components(separatedBy: #"class="interval""#).count == 2)
  }

  /// As large as a gain has to be, and the page counts the looks.
  @Test func aSmallLossIsNoMark() {
    func report(_ scores: [Double]) -> ComparisonReport {
      self.report([scores], repeats: .weights, trainings: 3)
    }
    let small = report([0.21, 0.209, 0.211])
    #expect(small.outcomes.map(\.judgement) == [.withinIntervals])
    var sure = report([0.209, 0.209, 0.209])
    sure.probes[1].scores = [0.23, 0.23, 0.23]
    #expect(sure.outcomes.map(\.judgement) == [.smallLoss])
    #expect(sure.markdown.contains("too little to count, is the loss on pitch"))
    #expect(!sure.markdown.contains("▼") && !sure.markdown.contains("made it worse"))
    sure.probes[0].scores = [0.17, 0.17, 0.17]
    #expect(sure.outcomes.map(\.judgement) == [.worse])
    for text in [sure.markdown, sure.html] {
      #expect(
        text.contains(
          "These marks rest on 2 intervals, for the number of which they are not corrected: if "
            + "there were no difference at all, chance alone would put about 0.1 of them (5 %)"))
    }
  }

  @Test func aSingleTrainingBesideSeveralIsNotMarked() {
    var report = report(Self.copies, repeats: .weights, trainings: 3)
    report.runs[1].trainings.removeLast(2)
    report.probes[2].repeats = .folds
    #expect(report.differences.map(\.isClear) == [false, true, false])
    #expect(report.differences[0].interval.halfWidth == .infinity)
    #expect(
      report.markdown.contains("A difference without an interval is one between single trainings"))
  }

  /// Seeds 1 and 3 against seeds 1, 2 and 3 are no pairs.
  @Test func aStoppedTrainingTakesTheVerdictAway() {
    var report = report(Self.copies, repeats: .weights, trainings: 3)
    report.runs[1].trainings[1].stopped = "ema: the targets collapsed at step 213"
    (report.probes[2].scores, report.probes[2].seeds) = ([0.273, 0.281], [1, 3])
    #expect(report.outcomes[1].judgement == .stopped)
    #expect(report.differences.map(\.model) == ["copy 2", "copy 3"])
    let text = report.markdown
    #expect(text.contains("1 of 3 trainings stopped, not judged"))
    #expect(text.contains("seed 2 (ema: the targets collapsed at step 213)"))
    #expect(text.contains("| copy 1 | 27.3, 28.1; a training was stopped |"))
  }

  @Test(arguments: [
    (["copy 0": 0, "copy 1": 0], "No model was trained on any of them."),
    (["copy 0": 600, "copy 1": 0], "Trained on the pieces that they are probed on (600 of them"),
    (["copy 0": 0], "None of copy 0 was trained on any of them."),
    (["copy 0": 0], "What copy 1 was trained on is not known here."),
  ])
  func whetherModelsHeardThePiecesIsWritten(heard: [String: Int], sentence: String) {
    var report = report(Array(Self.copies.prefix(2)), repeats: .folds, trainings: 1)
    report.probed = ProbedMusic(folder: "corpus", tasks: ["pitch"], pieces: 600, heard: heard)
    #expect(report.markdown.contains(sentence))
    #expect(report.html.contains(sentence))
    #expect(report.markdown.contains("Probed on 600 pieces of corpus."))
  }
}
