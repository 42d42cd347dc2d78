import Evaluate
import Foundation
import Tensor
import TestSupport
import Testing

/// Intervals over pieces and trainings, and what is marked of differences that are nothing.
@Suite struct ItemScoresTests {
  /// A result of a model whose trainings differ, on pieces of which some are harder, two items each.
  private func result(
    _ model: String, number: Int, gain: Double = 0, trainings: Int = 3, task: String = "key",
    spread: Double = 0.04, pieces: Int = 150
  ) -> ProbeResult {
    var generator = RandomStream(seed: UInt64(number), purpose: .probe, step: 7)
    var hard = RandomStream(seed: UInt64(number / 100), purpose: .probe, step: 8)
    let ease = (0..<pieces).map { _ in Double.random(in: 0.2...0.8, using: &hard) }
    let worths = (0..<trainings).map { _ in
      let luck = spread * 1.7 * Double.random(in: -1...1, using: &generator)
      return (0..<2 * pieces).map { item -> Float in
        Double.random(in: 0..<1, using: &generator) < ease[item / 2] + luck + gain ? 1 : 0
      }
    }
    let scores = worths.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) }
    return ProbeResult(
      model: model, kind: .pretrained, task: task, metric: .accuracy, chance: 0.1, scores: scores,
      repeats: trainings > 1 ? .weights : .folds,
      items: ItemScores(pieces: (0..<2 * pieces).map { $0 / 2 }, worths: worths))
  }

  private func report(_ probes: [ProbeResult]) -> ComparisonReport {
    var report = ReportSample.report
    report.runs = probes.map(\.model).reduce(into: []) { runs, name in
      guard !runs.contains(where: { $0.name == name }) else { return }
      var run = report.runs[0]
      run.name = name
      runs.append(run)
    }
    report.probes = probes
    return report
  }

  /// The variance over pieces is that of a bootstrap over pieces.
  @Test func theVarianceIsThatOfABootstrap() {
    let result = result("a", number: 5, trainings: 1)
    let worths = result.items!.worths[0]
    let draws = (0..<4_000).map { number in
      var generator = RandomStream(seed: 9, purpose: .probe, step: number)
      let sum = (0..<150).reduce(Float(0)) { sum, _ in
        let piece = Int.random(in: 0..<150, using: &generator)
        return sum + worths[2 * piece] + worths[2 * piece + 1]
      }
      return Double(sum) / 300
    }
    let mean = draws.reduce(0, +) / 4_000
    let deviation = (draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3_999).squareRoot()
    // 150 pieces less one: t = 1.976.
    #expect(abs(result.interval.halfWidth / (1.976 * deviation) - 1) < 0.04)
  }

  /// Four copies of one recipe on three tasks, 200 times: nine differences, of which a table has a mark in no more than
  /// the stated one of twenty cases; the interval of a single difference holds 0 in 95 of 100 or more.
  @Test func nothingIsMarkedAsOftenAsStated() {
    var (marked, covered) = (0, 0)
    for table in 0..<200 {
      let probes = (0..<3).flatMap { task in
        (0..<4).map { copy in
          result("\(copy)", number: 100 * (3 * table + task) + copy, task: "\(task)")
        }
      }
      let differences = report(probes).differences
      #expect(differences.count == 9)
      if differences.contains(where: \.isClear) { marked += 1 }
      covered += differences.count { $0.interval.lower <= 0 && $0.interval.upper >= 0 }
    }
    #expect(marked <= 10, "\(marked) of 200 tables have a mark")
    #expect(Double(covered) / 1_800 > 0.95, "\(covered) of 1,800 cover 0")
  }

  /// A gain of 25 points is found, with trainings that differ by 4 points.
  @Test func aDifferenceIsMarked() {
    let probes = (1...2).map {
      result("\($0)", number: $0, gain: $0 == 2 ? 0.25 : 0, trainings: 5)
    }
    let difference = report(probes).differences[0]
    #expect(difference.isClear && difference.isBetter)
    #expect(difference.correctedProbability! < 0.01)
  }

  @Test func singleTrainingsHaveNoMark() {
    let probes = [
      result("0", number: 1, trainings: 1), result("1", number: 2, gain: 0.5, trainings: 1),
    ]
    #expect(report(probes).differences.isEmpty)
    #expect(probes[0].interval.halfWidth.isFinite)
  }

  @Test func itemsAreKeptInTheReport() throws {
    let whole = report([result("0", number: 1), result("1", number: 2)])
    let read = try ComparisonReport(json: whole.json)
    #expect(read.probes == whole.probes)
    let text = String(decoding: try whole.json, as: UTF8.self)
    #expect(text.contains("correctedProbability"))
  }
}
