import Audio
import Foundation
import TestSupport
import Testing
import Train

/// Audio that cannot be read any more while a run trains on it.
@Suite struct VanishedAudioTests {
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
