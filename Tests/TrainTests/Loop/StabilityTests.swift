import Audio
import Foundation
import Models
import Optimisation
import Pretrain
import Tensor
import Testing
import Train

/// Files of which one turns to NaN after it was looked through.
struct SpoiledSource: AudioSource {
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

  @Test func aNaNInOneFileDoesNotReachTheWeights() throws {
    var recipe = Recipe.tinyData2Vec
    recipe.encoder.normalizesWaveform = false
    let sampler = try CropSampler(TrainingMaterial(SpoiledSource()), recipe: recipe)
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

  /// A rate at which the first update already spoils everything.
  private static let hopeless: Recipe = {
    var recipe = Recipe.tinyHuBERT
    (recipe.schedule.peakRate, recipe.schedule.warmupSteps) = (1e38, 0)
    (recipe.training.steps, recipe.training.checkpointEvery) = (40, 2)
    return recipe
  }()

  /// However early a run is cut short, it does not end well in a loss that is NaN.
  @Test(arguments: [2, 3])
  func aRunThatEndsInNaNIsAnError(limit: Int) throws {
    let studio = try TinyStudio()
    let error = #expect(throws: RunError.self) {
      try studio.train(Self.hopeless, in: "run", until: limit)
    }
    let reason = try #require(error?.description)
    #expect(reason.hasPrefix("training stopped at step \(limit): "), "\(reason)")
    #expect(reason.contains("the last step is not finite (loss nan, codes nan"), "\(reason)")
    #expect(reason.contains("; crops of ") && reason.contains(".wav"), "\(reason)")
    #expect(reason.hasSuffix("there is no sound checkpoint"), "\(reason)")
    #expect(!FileManager.default.fileExists(atPath: studio.run("run").checkpoints.path))
  }

  @Test func aRowOfThemStopsTheRun() throws {
    let studio = try TinyStudio()
    let error = #expect(throws: RunError.self) { try studio.train(Self.hopeless, in: "run") }
    let reason = try #require(error?.description)
    #expect(reason.contains("at step 11: 10 steps in a row were not finite"), "\(reason)")
    let log = try String(contentsOf: studio.run("run").logFile, encoding: .utf8)
    #expect(log.contains("left out an update: loss nan, codes nan"))
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: studio.run("run").path)
        .contains("checkpoints"))
  }

  /// Three files of four are silent but for their first tenth.
  @Test func silenceIsSaidOnTheTerminalAndInTheFiles() throws {
    let studio = try TinyStudio()
    for file in 1..<4 {
      let music = TinyStudio.music(seconds: 0.3, seed: UInt64(file))
      try studio.write(music + [Float](repeating: 0, count: 24_000), to: "\(file).wav")
    }
    try studio.train(.tinyHuBERT, in: "run")
    #expect(studio.warnings.count == 2, "\(studio.warnings)")
    #expect(studio.warnings[0].contains("% of the audio is digital silence"))
    #expect(studio.warnings[1].contains("labels-0.h5, codebook 0: code "))
    let labels = try Data(
      contentsOf: studio.run("run").labels.appendingPathComponent("labels-0.json"))
    let quality = try JSONDecoder().decode([LabelQuality].self, from: labels)[0]
    #expect(quality.mostFrequentShare > 0.6)
    let information = try RunInformation(of: studio.run("run"))
    #expect(try #require(information.silentSeconds) > 8.5)
  }
}
