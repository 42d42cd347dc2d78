import Evaluate
import TestSupport
import Testing

@Suite struct MarbleAverageTests {
  /// Every metric of every task.
  private func scores(_ value: (MarbleScores.Task, MarbleScores.Metric) -> Double) -> MarbleScores {
    MarbleScores(
      Dictionary(
        uniqueKeysWithValues: MarbleScores.Task.allCases.map { task in
          let values = task.metrics.map { ($0, value(task, $0)) }
          return (task, Dictionary(uniqueKeysWithValues: values))
        }))
  }

  /// All are 50 but one metric of two, which is 10 higher, and one of four, which is 40 lower: the tasks have 55, 40 and
  /// twelve times 50, which makes 695.
  @Test func everyTaskHasTheSameWeight() {
    let scores = scores { task, metric in
      switch (task, metric) {
      case (.mtt, .rocAUC): 60
      case (_, .sdrBass): 10
      default: 50
      }
    }
    #expect(scores.mean(of: .mtt) == 55 && scores.mean(of: .musdb18) == 40)
    #expect(MarbleAverage(of: scores).value == 695.0 / 14)
  }

  @Test func withoutATaskThereIsNone() {
    let average = MarbleAverage(
      of: MarbleScores([.emo: [.r2Arousal: 70], .gs: [.weightedKey: 60]]))
    #expect(average.value == nil)
    #expect(average.missing == MarbleScores.Task.allCases.filter { $0 != .gs })
  }

  @Test func namesAreThoseOfTheBenchmark() {
    let names = MarbleScores.Task.allCases.map(\.rawValue).sorted()
    #expect(
      names == [
        "EMO", "GS", "GTZAN", "GTZANBT", "MTGGenre", "MTGInstrument", "MTGMood", "MTGTop50", "MTT",
        "MUSDB18", "NSynthI", "NSynthP", "VocalSetS", "VocalSetT",
      ])
    #expect(
      Set(MarbleScores.Task.allCases.flatMap(\.metrics)) == Set(MarbleScores.Metric.allCases))
  }

  @Test func trapsOnAMetricOfAnotherTask() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = MarbleScores([.gtzan: [.rocAUC: 90]])
    }
    expectWords("MarbleScores.init: GTZAN has [\"accuracy\"], got [\"rocAUC\"]", in: result)
  }
}

@Suite struct PublishedTableTests {
  /// To the digit that is printed, which is the last one of numbers rounded before they were averaged, too.
  @Test func theRuleGivesTheAveragesOfMarble() {
    let complete = PublishedTable.marble.rows.filter { $0.average != nil }
    #expect(complete.map(\.average) == [59.9, 62.3, 63, 63.3, 64.2, 64.5])
    for row in complete {
      let difference = MarbleAverage(of: row.scores).value! - row.average!
      #expect(abs(difference) < 0.06, "\(row.model): \(difference)")
    }
  }

  @Test func otherRowsLackTasks() {
    let rows = PublishedTable.marble.rows.prefix(4)
    #expect(rows.map(\.model) == ["MusiCNN", "CLMR", "Jukebox-5B", "MULE"])
    #expect(rows.allSatisfy { MarbleAverage(of: $0.scores).missing == [.gtzanBeats, .musdb18] })
  }

  /// MuQ's paper averages its 11 columns, so that structure counts and tasks of two metrics count twice.
  @Test func theAveragesOfMuQAreThoseOfItsColumns() {
    for row in PublishedTable.muq.rows {
      let columns =
        MarbleScores.Task.allCases.flatMap { task in
          task.metrics.compactMap { row.scores[task, $0] }
        } + row.otherTasks.values
      #expect(columns.count == 11)
      #expect(abs(columns.reduce(0, +) / 11 - row.average!) < 0.06, "\(row.model)")
    }
  }

  /// A whole row of each table, by task.
  @Test func cellsStandInTheirColumns() {
    #expect(
      cells(of: "MERT-v1-95M", in: .marble) == [
        "MTT": [91.0, 39.3], "GS": [63.5], "GTZAN": [74.8], "GTZANBT": [88.3], "EMO": [55.5, 76.3],
        "NSynthI": [70.7], "NSynthP": [92.6], "VocalSetS": [83.7], "VocalSetT": [74.2],
        "MTGGenre": [87.1, 18.8], "MTGInstrument": [77.5, 19.4], "MTGMood": [76.4, 13.4],
        "MTGTop50": [83.0, 29.0], "MUSDB18": [5.5, 5.5, 3.8, 3.1],
      ])
    #expect(
      cells(of: "MuQ iter (160k h)", in: .muq) == [
        "MTT": [91.4, 40.1], "GS": [65.0], "GTZAN": [85.6], "EMO": [62.8, 76.1],
        "NSynthI": [79.7], "NSynthP": [91.3], "VocalSetS": [96.2], "VocalSetT": [81.6],
        "HookTheoryStructure": [77.2],
      ])
    #expect(
      cells(of: "MERT-v2-FullSong", in: .mert2) == [
        "MTT": [91.74, 41.20], "GS": [67.05], "GTZAN": [90.69], "GTZANBT": [90.57],
        "EMO": [63.52, 78.14], "MTGGenre": [87.98, 20.66], "MTGInstrument": [80.27, 23.51],
        "MTGMood": [78.74, 15.74], "MTGTop50": [84.13, 31.62], "Chords1217": [77.79],
      ])
  }

  private func cells(of model: String, in table: PublishedTable) -> [String: [Double]] {
    let row = table.rows.first { $0.model == model }!
    var cells = row.otherTasks.mapValues { [$0] }
    for task in MarbleScores.Task.allCases {
      let values = task.metrics.compactMap { row.scores[task, $0] }
      if !values.isEmpty { cells[task.rawValue] = values }
    }
    return cells
  }

  /// As many models as the sources print, and each protocol once.
  @Test func everyTableIsWholeAndHasItsProtocol() {
    #expect(PublishedTable.all.map(\.rows.count) == [10, 5, 11])
    #expect(Set(PublishedTable.all.map(\.protocolName)).count == PublishedTable.all.count)
    #expect(PublishedTable.mert2.rows.allSatisfy { $0.average == nil })
  }
}
