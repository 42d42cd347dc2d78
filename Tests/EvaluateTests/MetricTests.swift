import Evaluate
import Foundation
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// A metric of which less is better, in a unit of its own: how far answers are from the truth, in steps.
extension Metric {
  static let distance = Metric(
    "distance", name: "mean distance",
    unit: ScoreUnit(decimals: 2, symbol: "\u{00A0}steps", differences: "steps"), worst: .infinity,
    best: 0, leastGain: 0.5, scores: { $0 != "silence" }
  ) { answers in
    answers.mean { Double(abs($0 - $1)) }
  }
}

@Suite struct MetricTests {
  private let names = ["a", "b", "c"]

  @Test func accuracyIsTheShareOfHits() {
    let answers = Answers([0, 1, 2, 2], to: [0, 1, 1, 2], among: names)
    #expect(Metric.accuracy.score(answers) == 0.75)
    #expect(Metric.distance.score(answers) == 0.25)
  }

  /// Always "b" is right once in four times, always "c" twice; but "b" is nowhere farther than one step.
  @Test func guessingGivesTheBestOfAllConstantAnswers() {
    let truth: [Int32] = [0, 1, 2, 2]
    #expect(Metric.accuracy.chance(of: truth, among: names) == 0.5)
    #expect(Metric.distance.chance(of: truth, among: names) == 0.75)
  }

  @Test func betterIsTowardsTheBestScore() {
    let (few, many) = (Interval(of: [1, 1.1]), Interval(of: [5, 5.1]))
    #expect(Metric.accuracy.isBetter(many, than: few) && !Metric.accuracy.isBetter(few, than: many))
    #expect(Metric.distance.isBetter(few, than: many) && !Metric.distance.isBetter(many, than: few))
    #expect(!Metric.distance.isBetter(1, than: 1) && !Metric.accuracy.isBetter(few, than: few))
  }

  /// From 1.6 steps a quarter of the error is 0.4, which is less than 0.5; from 4 steps it is 1.
  @Test func aGainOfDistanceIsADescent() {
    #expect(improves([3.49, 3.49], over: [4, 4], by: .distance))
    #expect(!improves([3.51, 3.51], over: [4, 4], by: .distance))
    #expect(improves([1.19, 1.19], over: [1.6, 1.6], by: .distance))
    #expect(!improves([1.21, 1.21], over: [1.6, 1.6], by: .distance))
    #expect(!improves([4, 4], over: [1, 1], by: .distance))
  }

  @Test func trapsWithoutAnAnswerForEachExample() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Answers([0], to: [0, 1], among: ["a", "b"])
    }
    expectWords("Answers: needs one for each of at least 1 example, got 1 for 2", in: result)
  }

  @Test func aRecipeNamesMetrics() throws {
    let recipe = try RecipeFile.defaults(
      of: ProbeRecipe.self, settings: ["metrics.key=accuracy"])
    #expect(recipe == ProbeRecipe())
    #expect(ProbeRecipe.Task.allCases.allSatisfy { recipe.task($0).metric == .accuracy })
    let error = #expect(throws: RecipeError.self) {
      try RecipeFile.defaults(of: ProbeRecipe.self, settings: ["metrics.key=acuracy"])
    }
    let words = "metrics.key: expected one of accuracy"
    #expect(error?.description.contains(words) == true)
    #expect(error?.description.hasSuffix("found 'acuracy'; did you mean 'accuracy'?") == true)
  }
}

/// What follows the score reads it from the metric.
@Suite struct MetricReportTests {
  /// One run on `key` by accuracy, and on `tempo` by the distance, which training halved.
  private var report: ComparisonReport {
    var report = ReportSample.bare
    report.runs = [ReportSample.run("a"), ReportSample.run("b")]
    for (name, scores) in [("a", [2.0, 2.1]), ("b", [3.0, 3.1])] {
      report.probes += [
        result(name, .pretrained, "key", .accuracy, 0.1, [0.6, 0.6]),
        result(name, .randomInitialisation, "key", .accuracy, 0.1, [0.4, 0.4]),
        result(name, .pretrained, "tempo", .distance, 5, scores),
        result(name, .randomInitialisation, "tempo", .distance, 5, [4, 4.02]),
      ]
    }
    report.probes.append(result("plain", .statistics, "tempo", .distance, 5, [1, 1]))
    return report
  }

  private func result(
    _ model: String, _ kind: ProbeResult.Kind, _ task: String, _ metric: Metric, _ chance: Double,
    _ scores: [Double]
  ) -> ProbeResult {
    ProbeResult(
      model: model, kind: kind, task: task, metric: metric, chance: chance, scores: scores,
      repeats: .weights)
  }

  @Test func aLowerDistanceIsLearnedAHigherOneIsWorse() {
    var report = report
    #expect(report.outcomes.map(\.judgement) == [.learned, .learned, .learned, .learned])
    report.probes[6].scores = [3, 5]
    #expect(report.outcomes[3].judgement == .withinIntervals)
    report.probes[6].scores = [6, 6.02]
    #expect(report.outcomes[3].judgement == .worse)
    report.probes[6].scores = [3.6, 3.62]
    #expect(report.outcomes[3].judgement == .smallGain)
  }

  @Test func numbersHaveTheirUnit() {
    let text = report.markdown
    #expect(
      text.contains("tempo (2.05\u{00A0}steps against 4.01\u{00A0}steps, −1.96 steps)"), "\(text)")
    #expect(text.contains("▲ −1.96 steps") && text.contains("▲ +20.0 points"))
    #expect(text.contains("do better still: plain on tempo (1.00\u{00A0}steps)."))
    #expect(
      text.contains(
        "Accuracy in % (key) and mean distance in steps (tempo), the mean over the seeds"))
    #expect(text.contains("the gain is at least 5 points or 0.50 steps, or a quarter of the error"))
    #expect(text.contains("its interval lies wholly on the better side of theirs"))
    #expect(text.contains("| chance | 10.0 | 5.00 |"))
    #expect(text.contains("less that of a, in points and steps"))
  }

  /// Equal differences of one step, so that they are clear: a higher distance is a worse one.
  @Test func aDifferencePointsToTheBetterSide() {
    #expect(
      report.markdown.contains("| b | ±0.0\u{00A0}±\u{00A0}0.0 | ▼ +1.00\u{00A0}±\u{00A0}0.00 |"))
    #expect(report.html.contains(#"▼</span><span class="spoken">worse:</span> +1.00"#))
  }

  @Test func eachChartHasItsAxis() {
    let page = report.html
    #expect(
      page.contains(">accuracy in %</text>") && page.contains(">mean distance in steps</text>"))
    #expect(page.contains("Mean distance on tempo. a, pre-trained: 2.05"))
    #expect(page.contains("<caption>Accuracy and mean distance of probes on frozen features"))
    #expect(!page.contains("NaN") && !page.contains(/\binf\b/))
  }

  /// 2.95 steps against 5 by guessing; 5.05 is no better than guessing.
  @Test func guessingIsComparedOnTheBetterSide() {
    var report = report
    #expect(!report.markdown.contains("no better than guessing"))
    report.probes[6].scores = [5, 5.1]
    #expect(report.markdown.contains("no better than guessing at 5.00\u{00A0}steps"))
  }

  @Test func resultsThatNameNoMetricAreAccuracies() throws {
    let report = ReportSample.report
    let text = String(decoding: try report.json, as: UTF8.self)
    #expect(text.contains("\"metric\" : \"accuracy\"") && text.contains("\"accuracies\""))
    let earlier = text.replacing(/"metric" : "accuracy",\n/, with: "")
    #expect(!earlier.contains("\"metric\""))
    #expect(try ComparisonReport(json: Data(earlier.utf8)) == report)
  }
}

/// The metric also chooses.
@Suite struct MetricChoiceTests {
  /// 60 pieces of five examples.
  private func examples(_ metric: Metric, _ labels: [String] = ["0", "1", "2"]) -> ProbeExamples {
    ProbeExamples(
      task: "t", metric: metric,
      (0..<300).map { i in
        ProbeExample(
          piece: i / 5, time: Double(i % 5)..<Double(i % 5 + 1), label: labels[i * 7 % 3])
      })
  }

  /// Layer 0 is noise, layer 1 tells the class.
  private let layers: [Probe.Layer] = {
    var generator = RandomStream(seed: 4, purpose: .probe)
    return (0..<2).map { layer in
      var noise = Tensor.normal([300, 6], using: &generator)
      if layer == 1 { noise.update { x in for i in 0..<300 { x[i * 6 + i * 7 % 3] += 4 } } }
      return Probe.Layer(number: layer, features: noise)
    }
  }()

  /// By a distance of which less was worse, layer 0 would be chosen.
  @Test func theLayerOfTheBestScoreIsChosen() throws {
    let outcome = try Probe(ProbeRecipe()).outcome(
      of: examples(.distance), layers: layers, pieces: 60, seed: 1)
    #expect(outcome.choices.map(\.layer) == [1, 1, 1, 1, 1])
    #expect(outcome.choices.allSatisfy { $0.validationScore < 0.1 })
    #expect(outcome.score < 0.1)
  }

  @Test func aTaskWithAClassThatIsNotScoredIsRefused() {
    let error = ProbeError.unscored(task: "t", metric: "distance", className: "silence")
    #expect(error.description.hasPrefix("metrics.t: distance does not score the class 'silence'"))
    #expect(throws: error) {
      try Probing(
        ProbeRecipe(), tasks: [examples(.distance, ["a", "b", "silence"])], pieces: 60
      ) { _, _ in [] }
    }
  }

  @Test func aTableOfSeveralMetricsNamesThem() throws {
    func head(_ metrics: [Metric]) throws -> [Substring] {
      let tasks = metrics.map { examples($0) }
      let probing = try Probing(ProbeRecipe(), tasks: tasks, pieces: 60) { _, rate in
        [Float](repeating: 0, count: 5 * rate)
      }
      let subject = ProbeSubject(model: "m", kind: .statistics) { _ in
        FrameFeatures(sampleRate: 100, hopLength: 10, firstCentre: 5) { _ in
          [Tensor((0..<100).map { Float($0 % 17) }, shape: [50, 2])]
        }
      }
      return ProbeTable(try probing.rows(of: subject)).description.split(separator: "\n")
    }
    let one = try head([.accuracy])
    #expect(one[0].hasPrefix("model  features    task  classes  accuracy %"))
    #expect(one[0].hasSuffix("  chance %  layer"))
    let two = try head([.accuracy, .distance])
    #expect(two[0].hasPrefix("model  features    task  classes  metric          score "))
    #expect(two[1].contains("  accuracy %      ") && two[2].contains("  distance steps  "))
  }
}
