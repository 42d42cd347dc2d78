import Evaluate
import Testing

/// What a report says of how its scores came about.
@Suite struct ExplanationTests {
  private func grid(_ layers: [Int]? = nil, penalties: [Float]? = nil) -> ProbeGrid {
    var grid = ProbeGrid(layers: layers?.map { .layer($0) })
    if let penalties { grid.regression.penalties = penalties }
    return grid
  }

  private func tasks(_ names: String...) -> [MarbleTask] { names.map { MarbleTask(named: $0)! } }

  /// Separation has one choice of layers and one rate, where nothing else is given.
  @Test func ofTheWholeGrid() {
    let text = MarbleSetting().explanation(ProbeGrid(), of: MarbleTask.all)
    #expect(
      text.hasPrefix(
        "Frozen embeddings, one hidden layer of 512 units; layer, learning rate and epoch are "
          + "chosen on the validation part (of MUSDB18 the epoch alone). The score is that on"))
    #expect(text.hasSuffix("The average is shown where all 14 tasks are there."))
    let alone = MarbleSetting().explanation(ProbeGrid(), of: tasks("MUSDB18"))
    #expect(alone.contains("; the epoch is chosen on the validation part. "))
    let others = MarbleSetting().explanation(ProbeGrid(), of: tasks("GTZAN", "GS"))
    #expect(others.contains("epoch are chosen on the validation part. "))
  }

  /// What was given was not chosen, in each protocol and track.
  @Test(arguments: [
    (MarbleSetting(), "learning rate and epoch are chosen"),
    (MarbleSetting(.v2), "the epoch is chosen"),
    (MarbleSetting(probe: .logistic), "the penalty is chosen"),
    (MarbleSetting(fineTuning: FineTuning(.whole)), "the epoch is chosen"),
  ])
  func ofAGivenLayer(setting: MarbleSetting, chosen: String) {
    let text = setting.explanation(grid([7]), of: tasks("GTZAN", "GS"))
    #expect(text.contains("; \(chosen) on the validation part. "), "\(text)")
    #expect(text.contains("those of --layers 7 were tried."), "\(text)")
  }

  @Test func ofGivenNumbers() {
    let second = tasks("GTZAN", "MTT").compactMap { $0.version(.v2) }
    let rates = MarbleSetting(.v2).explanation(ProbeGrid(rates: [0.1]), of: second)
    #expect(rates.contains("layer and epoch are chosen on the validation part (of MTT the epoch"))
    #expect(rates.contains("those of --rates 0.1 were") && !rates.contains("rate of the task"))
    let penalty = MarbleSetting(probe: .logistic)
      .explanation(grid([3], penalties: [1]), of: tasks("GTZAN"))
    #expect(penalty.contains("logistic regression; nothing is left to choose"))
    #expect(penalty.contains("those of --layers 3 --penalties 1 were tried."))
    let epoch = MarbleSetting(fineTuning: FineTuning(.lowRank(8)))
      .explanation(ProbeGrid(epochs: 1), of: tasks("GTZAN"))
    #expect(epoch.contains("LoRA of rank 8, along with"))
    #expect(epoch.contains("nothing is left to choose"))
    #expect(epoch.contains("those of --epochs 1 were tried."))
    let rate = MarbleSetting().explanation(ProbeGrid(rates: [0.001]), of: MarbleTask.all)
    #expect(rate.contains("; layer and epoch are chosen on the validation part (of MUSDB18 the"))
    #expect(rate.hasSuffix("Published scores had its whole grid to choose from."))
  }
}
