import Foundation
import TestSupport
import Testing
import Train
import YAML

/// The page beside a finished model.
@Suite struct ModelCardTests {
  private func card(_ studio: TinyStudio, _ step: Int = 6) throws -> String {
    try studio.folder.text(of: "runs/run/checkpoints/step-\(step)/README.md")
  }

  /// Four files of 0.7 to 2.2 s; six steps of two crops of 0.64 s.
  @Test func itHoldsWhatTheRunRecorded() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyHuBERT, in: "run")
    let text = try card(studio)
    let front = try #require(text.split(separator: "---\n").first.map(String.init))
    let names = front.split(separator: "\n").compactMap { $0.split(separator: ":").first }
    #expect(names.contains("library_name") && names.contains("tags"))
    #expect(!names.contains("license"), "the licence is the user's")

    let run = try RunInformation(of: studio.run("run"))
    let log = try #require(try studio.log(of: "run").last)
    for words in [
      "# hubert\n", "\(run.parameters) parameters", "\(run.files) files",
      "a collection named `music`", "| steps | 6 of 6 |", "| audio in a step | 1.3 s |",
      "| seed | 5 |", "| began | at random |", "| `schedule.peakRate` | 0.01 |",
      "| `loss` | \(String(format: "%.4g", log.loss)) |", "AutoModel.from_pretrained",
      "sampling_rate=8000",
    ] { #expect(text.contains(words), "\(words)") }
    #expect(!text.contains(studio.folder.path), "paths are private")
    #expect(!text.contains("nan") && !text.contains("Optional"))
  }

  @Test func onlyTheLastStepHasOneAndItsHashesStayWhole() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    recipe.training.keepCheckpoints = 3
    try studio.train(recipe, in: "run", until: 3)
    try studio.train(recipe, in: "run", .resuming)
    #expect(throws: (any Error).self) { try card(studio, 3) }
    #expect(try card(studio).hasPrefix("---\n"))

    // A card that somebody completed stays, and the checkpoint is still whole.
    try studio.folder.write("mine\n", to: "runs/run/checkpoints/step-6/README.md")
    try studio.train(recipe, in: "run", .resuming)
    #expect(try card(studio) == "mine\n")
    #expect(studio.remarks.allSatisfy { !$0.contains("damaged") }, "\(studio.remarks)")
  }

  @Test func itNamesTheFormOfTheModel() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyData2Vec, in: "run")
    #expect(try card(studio).contains("in the form of data2vec audio"))
  }

  /// The best checkpoint is the one that is shared; its card has the numbers of its own step.
  @Test func theBestCheckpointHasOne() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyHuBERT
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.5, 2)
    recipe.training.keepCheckpoints = 1
    try studio.train(recipe, in: "run")
    let found = try RunLog.validations(of: studio.run("run").logFile)
    let best = try #require(found.min { $0.validation.loss < $1.validation.loss })
    for record in [best, found.last!] {
      let text = try card(studio, record.step)
      #expect(text.contains("## Held-out losses"))
      #expect(text.contains("| `loss` | \(String(format: "%.4g", record.validation.loss)) |"))
      #expect(text.contains("| steps | \(record.step) of 6 |"))
    }
    let status = RunStatus(of: studio.run("run"), name: "run")
    #expect(status.validationLoss == found.last!.validation.loss && status.state == .finished)
  }
}
