import Audio
import Foundation
import Models
import Pretrain
import Tensor
import Testing
import Train

/// What a run does when something in it goes wrong.
@Suite struct StabilityTests {
  /// A teacher that never moves, and a rate a hundred times too high: the front end, which both share, soon
  /// says the same of every frame.
  @Test func aCollapsingStudentStopsTheRunWithTheReason() throws {
    var recipe = Recipe.tinyData2Vec
    (recipe.teacher.ema!.decay.start, recipe.teacher.ema!.decay.end) = (1, 1)
    recipe.teacher.ema!.collapse.patience = 10
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1, 0)
    (recipe.training.steps, recipe.training.checkpointEvery) = (200, 5)
    let studio = try TinyStudio()
    let error = #expect(throws: EMAError.self) { try studio.train(recipe, in: "run") }
    let reason = try #require(error?.description)
    #expect(reason.contains("collapsed at step"), "\(reason)")
    #expect(reason.contains("lower the learning rate") && !reason.contains("\n"))
    #expect(try studio.run("run").latestCheckpoint != nil, "what was good is kept")
  }

  /// Files of which one turns to NaN after it was looked through.
  private struct SpoiledSource: AudioSource {
    let sampleRate = 8_000
    let files = (0..<4).map { Manifest.Entry(path: "\($0).wav", samples: 6_000) }
    let skipped: [Manifest.Skipped] = []

    func crop(
      file: Int, start: Int, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws(AudioError) {
      let samples = TinyStudio.music(seconds: 0.75, seed: UInt64(file))
      _ = buffer.update(fromContentsOf: samples[start..<start + buffer.count])
      if file == 2 { buffer[100] = .nan }
    }
  }

  @Test func aNaNInOneFileDoesNotReachTheWeights() throws {
    var recipe = Recipe.tinyData2Vec
    recipe.encoder.normalizesWaveform = false
    let sampler = try CropSampler(SpoiledSource(), codes: [], recipe: recipe)
    var trainer = try Trainer(recipe, sampler: sampler, codebooks: [])
    var spoiled = 0
    for _ in 0..<6 {
      let before = trainer.model.parameters.map(\.tensor.scalars)
      let outcome = try trainer.advance()
      let after = trainer.model.parameters.map(\.tensor.scalars)
      #expect(after.allSatisfy { $0.allSatisfy(\.isFinite) })
      guard !outcome.gradientNorm.isFinite else {
        #expect(after != before, "a sound batch is learned from")
        continue
      }
      spoiled += 1
      #expect(after == before, "a spoiled batch changes nothing")
    }
    #expect((1...5).contains(spoiled), "of 6 batches \(spoiled) were spoiled")
  }
}
