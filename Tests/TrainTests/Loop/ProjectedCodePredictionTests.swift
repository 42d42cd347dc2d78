import Audio
import Files
import Foundation
import HDF5
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

/// Codes of a fitted quantiser, computed in the step.
@Suite final class ProjectedCodePredictionTests {
  private let studio: TinyStudio
  private let file: URL

  init() throws {
    studio = try TinyStudio()
    let labels = studio.run("teacher").labels
    try studio.session(QuantizerTeacherRecipeTests.projectedRVQ).teach(into: labels)
    file = labels.appendingPathComponent("teacher-0.safetensors")
  }

  private func recipe(_ edit: (inout ProjectedCodePrediction.Config) -> Void = { _ in }) -> Recipe {
    var recipe = QuantizerTeacherRecipeTests.projectedRVQ
    (recipe.objective, recipe.teacher) = (Objective(), Recipe.Teachers())
    var config = ProjectedCodePrediction.Config()
    (config.codebooks, config.codes, config.head.width) = (2, 8, 6)
    config.quantizer = RecipePath(file.path)
    edit(&config)
    recipe.objective.projectedRVQ = config
    return recipe
  }

  /// Away from the edges of a crop its codes are the labels of the same audio.
  @Test func theCodesAreThoseOfTheLabels() throws {
    let recipe = recipe()
    let codes = try #require(studio.sampler(recipe).batch(0).targets["projectedRVQ"])
    #expect(codes.shape == [recipe.training.batchSize, recipe.cropFrames, 2])
    let store = try LabelStore(
      at: studio.run("teacher").labels.appendingPathComponent("labels-0.h5").path)
    let crop = stride(from: 0, to: 2 * recipe.cropFrames, by: 2).map { codes.integers[$0] }
    let inner = Array(crop[8..<recipe.cropFrames - 8])
    let found = store.files.contains { entry in
      let labels = (try? store.codes(of: entry.name))?.integers ?? []
      let first = Array(labels.prefix(entry.frames))
      return first.indices.contains { first[$0...].starts(with: inner) }
    }
    #expect(found, "\(inner)")
  }

  @Test func aModelLearnsThem() throws {
    let recipe = recipe()
    var trainer = try Trainer(recipe, sampler: studio.sampler(recipe), codebooks: [])
    let outcomes = try (0..<8).map { _ in try trainer.advance() }
    let losses = outcomes.map { $0.terms["projectedRVQ"]! }
    #expect(losses.last! < losses.first!, "\(losses)")
    #expect(outcomes[0].terms["projectedRVQ.accuracy.1"] != nil)
  }

  @Test func thePlanCountsThem() throws { try expectPlanCountsParameters(of: recipe()) }

  /// The file may move; its numbers may not change.
  @Test func aRunGoesOnWithTheSameQuantiser() throws {
    let recipe = recipe()
    try studio.train(recipe, in: "run", until: 3)
    var tensors = try SafeTensors(contentsOf: file).tensors()
    let metadata = try SafeTensors(contentsOf: file).metadata
    tensors["levels.0.entries"] = tensors["levels.0.entries"]! * 2
    try SafeTensors.write(tensors, to: file, metadata: metadata)
    expectError("a file that its targets are computed with differs", "put back") {
      try studio.train(recipe, in: "run", .resuming)
    }
    tensors["levels.0.entries"] = tensors["levels.0.entries"]! / 2
    try SafeTensors.write(tensors, to: file, metadata: metadata)
    try studio.train(recipe, in: "run", .resuming)
    try studio.train(recipe, in: "whole")
    #expect(try studio.log(of: "run") == studio.log(of: "whole"))
  }

  static let misfits: [(String, @Sendable (inout Recipe) -> Void)] = [
    (
      "No such file",
      { $0.objective.projectedRVQ!.quantizer = RecipePath("/nowhere/q.safetensors") }
    ),
    ("8000 Hz with a hop of 160", { $0.encoder.frontEnd.strides = [10, 4, 2] }),
    ("8000 Hz with a hop of 160", { $0.encoder.sampleRate = 16_000 }),
    ("2 codebooks of 8 codes, not 8 of 8", { $0.objective.projectedRVQ!.codebooks = 8 }),
    ("normalizesWaveform", { $0.encoder.normalizesWaveform = false }),
  ]

  /// Before any work: the run's folder is not even made.
  @Test(arguments: misfits.indices) func aFileThatDoesNotFit(number: Int) throws {
    var recipe = recipe()
    let (words, edit) = Self.misfits[number]
    edit(&recipe)
    expectError(words, recipe.objective.projectedRVQ!.quantizer!.path) {
      try studio.train(recipe, in: "none")
    }
    #expect(!FileManager.default.fileExists(atPath: studio.run("none").path))
  }

  @Test func theQuantiserOfAnotherKind() throws {
    let labels = studio.run("random").labels
    try studio.session(QuantizerTeacherRecipeTests.randomProjection).teach(into: labels)
    let other = labels.appendingPathComponent("teacher-0.safetensors").path
    expectError("of the kind randomProjection", other) {
      try studio.train(recipe { $0.quantizer = RecipePath(other) }, in: "none")
    }
    #expect(throws: (any Error).self) { try self.recipe { $0.quantizer = nil }.check() }
  }
}
