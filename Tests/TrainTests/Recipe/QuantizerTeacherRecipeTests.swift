import Audio
import Files
import Foundation
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

/// Quantisers of features in a recipe: their labels, and the model that predicts them.
@Suite struct QuantizerTeacherRecipeTests {
  static let randomProjection: Recipe = {
    var recipe = Recipe.tinyHuBERT
    recipe.name = "random"
    recipe.teacher = Recipe.Teachers()
    var teacher = Recipe.RandomProjectionCodes()
    (teacher.codebooks, teacher.codes, teacher.projectedWidth) = (2, 8, 4)
    recipe.teacher.randomProjection = teacher
    return recipe
  }()

  static let projectedRVQ: Recipe = {
    var recipe = Recipe.tinyHuBERT
    recipe.name = "projected"
    recipe.encoder.normalizesWaveform = true
    recipe.teacher = Recipe.Teachers()
    var teacher = Recipe.ProjectedQuantizerCodes()
    (teacher.quantizer.codebooks, teacher.quantizer.codes) = (2, 8)
    (teacher.quantizer.steps, teacher.quantizer.batchFrames) = (20, 32)
    (teacher.quantizer.projectedWidth, teacher.quantizer.staleSteps) = (4, 5)
    teacher.input.stack = 3
    recipe.teacher.projectedRVQ = teacher
    return recipe
  }()

  static let recipes = [randomProjection, projectedRVQ]

  private func labels(of run: String, in studio: TinyStudio) throws -> LabelStore {
    try LabelStore(at: studio.run(run).labels.appendingPathComponent("labels-0.h5").path)
  }

  @Test(arguments: recipes) func labelsAndModel(recipe: Recipe) throws {
    try recipe.check()
    #expect(recipe.teacher.codebooks == [8, 8])
    let studio = try TinyStudio()
    try studio.train(recipe, in: "a")
    let store = try labels(of: "a", in: studio)
    #expect(store.description.codebookSizes == [8, 8])
    #expect(store.description.rate == LabelRate(sampleRate: 8_000, hop: 160))
    let log = try studio.log(of: "a")
    #expect(log.last?.terms["accuracy.1"] != nil, "a label set for each codebook")
    let codes = try store.codes(of: "1.wav").integers
    #expect(Set(codes).count > 2, "\(codes)")
    #expect(
      FileManager.default.fileExists(
        atPath: studio.run("a").labels.appendingPathComponent("labels-0.json").path))
  }

  /// The file beside the labels assigns them.
  @Test(arguments: recipes) func theFileMakesTheSameLabels(recipe: Recipe) throws {
    let studio = try TinyStudio()
    try studio.session(recipe).teach(into: studio.run("a").labels)
    let stored = try StoredQuantizer(
      contentsOf: studio.run("a").labels.appendingPathComponent("teacher-0.safetensors"))
    #expect(stored.frames.normalizesWaveform == recipe.encoder.normalizesWaveform)
    let audio = try DecodedAudio(
      Manifest.scan(studio.music.path, minimumSeconds: 0.1).manifest, sampleRate: 8_000,
      scratchFolder: studio.folder.path)
    let codes = try QuantizerTeacher(stored).codes(of: 2, in: audio)
    let name = audio.files[2].path
    #expect(try labels(of: "a", in: studio).codes(of: name).integers == codes.integers)
  }

  /// Labels of another quantiser are refused; those of the same one are taken.
  @Test(arguments: [
    "input.features=chroma12", "input.stack=2", "codes=9", "seed=3", "standardization=frame",
  ])
  func everySettingIsPartOfTheIdentity(setting: String) throws {
    let recipe = Self.randomProjection
    let other = try changed(recipe, "teacher.randomProjection.\(setting)")
    #expect(try Teaching.key(of: recipe) == Teaching.key(of: recipe))
    #expect(try Teaching.key(of: recipe) != Teaching.key(of: other))
  }

  @Test func theLevelOfTheAudioIsPartOfTheIdentity() throws {
    let other = try changed(Self.projectedRVQ, "encoder.normalizesWaveform=false")
    #expect(try Teaching.key(of: Self.projectedRVQ) != Teaching.key(of: other))
    let studio = try TinyStudio()
    try studio.session(Self.projectedRVQ).teach(into: studio.run("a").labels)
    expectError("another teacher") {
      try studio.session(other).teach(into: studio.run("a").labels)
    }
  }

  private func changed(_ recipe: Recipe, _ setting: String) throws -> Recipe {
    let studio = try TestFolder()
    let file = try studio.write(RecipeFile.yaml(of: recipe), to: "\(recipe.name).yaml")
    return try RecipeFile.load(Recipe.self, from: file, settings: [setting])
  }

  @Test func ratesThatDoNotFitAreNamed() {
    expectError("teacher.projectedRVQ.input.featureRate", "multiple") {
      _ = try changed(Self.projectedRVQ, "teacher.projectedRVQ.input.featureRate=75")
    }
    expectError("teacher.projectedRVQ.input.features", "8000 Hz is too low") {
      _ = try changed(Self.projectedRVQ, "teacher.projectedRVQ.input.features=logcqt336")
    }
  }

  /// Most of the audio is silence, which has one code.
  @Test func aCollapseIsWarnedOf() throws {
    let studio = try TinyStudio()
    let silence = studio.folder.url.appendingPathComponent("silence")
    try FileManager.default.createDirectory(at: silence, withIntermediateDirectories: true)
    for file in 0..<3 {
      var samples = [Float](repeating: 0, count: 8_000)
      samples[4_000] = 0.5
      try AudioFile.write(
        samples, sampleRate: 8_000, encoding: .float32,
        to: silence.appendingPathComponent("\(file).wav").path)
    }
    try studio.session(Self.randomProjection, data: silence).teach(into: studio.run("a").labels)
    #expect(studio.warnings.contains { $0.contains("so a model that predicts nothing else") })
  }
}
