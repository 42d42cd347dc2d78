import Audio
import Foundation
import TestSupport
import Testing
import Train

/// Audio that cannot be read any more while a run trains on it.
@Suite struct VanishedAudioTests {
  /// Moves the music away after a step.
  /// - Returns: The path where it lies then.
  private func hideMusic(of studio: TinyStudio, after step: Int) -> String {
    let (music, away) = (studio.music.path, studio.folder.path("away"))
    studio.onEvent = { event in
      if case .step(let record, _) = event, record.step == step { rename(music, away) }
    }
    return away
  }

  /// Held-out audio: the run is saved, and validates the step when it goes on.
  @Test func aValidationIsMadeUpFor() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyData2Vec
    (recipe.data.decoding, recipe.training.checkpointEvery) = (.onDemand, 100)
    recipe.validation = Recipe.Validation()
    (recipe.validation!.share, recipe.validation!.every) = (0.5, 2)
    try studio.train(recipe, in: "whole")

    let away = hideMusic(of: studio, after: 2)
    let text = complaint { try studio.train(recipe, in: "run") }
    #expect(text.contains(".wav"), "\(text)")
    #expect(try studio.checkpoints(of: "run") == ["step-2"])

    studio.onEvent = { _ in }
    #expect(rename(away, studio.music.path) == 0)
    try studio.train(recipe, in: "run", .resumingIfThere)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (file, bytes) in a { #expect(b[file] == bytes, "\(file)") }
    #expect(try studio.log(of: "run") == studio.log(of: "whole"))
    let logs = ["whole", "run"].map { studio.run($0).logFile }
    #expect(try RunLog.validations(of: logs[0]) == RunLog.validations(of: logs[1]))
  }

  /// Samples of a codec are for people: its checkpoint is written without them.
  @Test func aCheckpointIsWrittenWithoutSamples() throws {
    let studio = try TinyStudio()
    var recipe = CodecRecipe.tinyCodec
    recipe.data.decoding = .onDemand
    _ = hideMusic(of: studio, after: 3)
    let folder = studio.run("run")
    let text = complaint { try studio.job(recipe).train(in: folder, labels: folder.labels) }
    #expect(text.contains(".wav"), "\(text)")
    #expect(try studio.checkpoints(of: "run").contains("step-3"))
    let events = try RunLog.events(of: folder.logFile).map(\.event)
    #expect(events.contains { $0.hasPrefix("no samples: ") }, "\(events)")
  }

  @Test func whatWasTrainedIsSavedFirst() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyData2Vec
    recipe.data.decoding = .onDemand
    (recipe.training.accumulation, recipe.training.checkpointEvery) = (2, 100)
    try studio.train(recipe, in: "whole")

    let files = ["0.wav", "1.wav", "2.wav", "3.wav"].map(studio.music.appendingPathComponent)
    let elsewhere = studio.folder.url.appendingPathComponent("elsewhere")
    try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
    func move(_ from: URL, _ to: URL) {
      for file in files {
        rename(
          from.appendingPathComponent(file.lastPathComponent).path,
          to.appendingPathComponent(file.lastPathComponent).path)
      }
    }
    studio.onEvent = { event in
      if case .step(let record, _) = event, record.step == 2 { move(studio.music, elsewhere) }
    }
    let text = complaint { try studio.train(recipe, in: "run") }
    #expect(text.contains(studio.music.path) && text.contains(".wav"), "\(text)")
    #expect(!text.contains("\n"))
    let saved = try studio.checkpoints(of: "run")
    #expect(saved.count == 1 && TrainingPosition(name: saved[0])!.step >= 2, "\(saved)")

    studio.onEvent = { _ in }
    move(elsewhere, studio.music)
    try studio.train(recipe, in: "run", .resumingIfThere)
    let (a, b) = (try studio.checkpoint(6, of: "whole"), try studio.checkpoint(6, of: "run"))
    for (file, bytes) in a { #expect(b[file] == bytes, "\(file)") }
    #expect(try studio.log(of: "run") == studio.log(of: "whole"))
  }
}
