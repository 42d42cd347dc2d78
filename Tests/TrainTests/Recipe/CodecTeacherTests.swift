import Audio
import Foundation
import HDF5
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train
import YAML

extension Codec.Config {
  /// 8 kHz, 50 frames a second, 3 codebooks of 16 entries.
  static var tiny: Codec.Config {
    var config = Codec.Config()
    (config.sampleRate, config.width, config.filters) = (8_000, 6, 2)
    (config.strides, config.lstmLayers) = ([4, 40], 1)
    (config.quantizer.codebooks, config.quantizer.codes) = (3, 16)
    return config
  }
}

extension Codec {
  /// Random, with random entries.
  static func tiny(_ edit: (inout Codec.Config) -> Void = { _ in }) -> Codec {
    var config = Codec.Config.tiny
    edit(&config)
    var stream = RandomStream(seed: 3, purpose: .initialisation)
    var codec = Codec(config, using: &stream)
    for book in codec.quantizer.codebooks.indices {
      let shape = codec.quantizer.codebooks[book].vectors.shape
      codec.quantizer.codebooks[book].vectors = .normal(shape, using: &stream)
      codec.quantizer.codebooks[book].isInitialized = Tensor([1])
    }
    return codec
  }
}

extension CodecRecipe {
  /// Two steps of crops of 0.32 s.
  static var tinyTeacher: CodecRecipe {
    var recipe = CodecRecipe()
    (recipe.name, recipe.codec) = ("codec", .tiny)
    recipe.data.cropSeconds = 0.32
    recipe.losses.mel = nil
    (recipe.training.steps, recipe.training.batchSize) = (2, 2)
    return recipe
  }
}

/// Recipes whose teacher is a codec: a model's folder, or a recipe of its own.
@Suite struct CodecTeacherTests {
  private let studio: TinyStudio
  private var folder: URL { studio.folder.url.appendingPathComponent("codec") }

  init() throws { studio = try TinyStudio() }

  private func recipe(
    _ source: Recipe.CodecSource, _ edit: (inout Recipe) -> Void = { _ in }
  ) -> Recipe {
    var recipe = Recipe.tinyHuBERT
    recipe.name = "rvq"
    recipe.teacher = Recipe.Teachers()
    recipe.teacher.rvq = Recipe.QuantizerCodes()
    (recipe.teacher.rvq!.codebooks, recipe.teacher.rvq!.codes) = (2, 16)
    recipe.teacher.rvq!.codec = source
    edit(&recipe)
    return recipe
  }

  private var model: Recipe.CodecSource {
    var source = Recipe.CodecSource()
    source.model = RecipePath(folder.path)
    return source
  }

  /// What a codec other than `Codec.tiny()` is refused with, before any work.
  private func refusal(
    _ edit: (inout Codec.Config) -> Void, recipe edits: (inout Recipe) -> Void = { _ in }
  ) throws -> String {
    try Codec.tiny(edit).save(to: folder)
    let run = studio.run("run")
    let text = complaint { try studio.train(recipe(model, edits), in: "run") }
    #expect(!FileManager.default.fileExists(atPath: run.labels.path))
    #expect(!text.contains("\n"))
    return text
  }

  @Test func labelsAreTheCodesOfTheCodec() throws {
    let codec = Codec.tiny()
    try codec.save(to: folder)
    try studio.train(recipe(model), in: "run")
    let store = try LabelStore(
      at: studio.run("run").labels.appendingPathComponent("labels-0.h5").path)
    #expect(store.description.codebookSizes == [16, 16])
    #expect(store.description.teacher.contains("rvq codebooks=2 codes=16 codec.model="))
    for file in store.files {
      let samples = try AudioFile.decode(
        studio.music.appendingPathComponent(file.name).path, sampleRate: 8_000)
      let coded = try codec.codes(of: samples, codebooks: 2)
      #expect(try store.codes(of: file.name).integers == coded.codes.integers)
      #expect(file.frames == (samples.count + 159) / 160)
    }
    #expect(try studio.log(of: "run").last?.step == 6)
  }

  /// Labels of one codec do not serve a recipe with another.
  @Test func anotherCodecIsAnotherTeacher() throws {
    try Codec.tiny().save(to: folder)
    try studio.train(recipe(model), in: "run", until: 3)
    try Codec.tiny { $0.residualUnits = 2 }.save(to: folder)
    let text = complaint { try studio.train(recipe(model), in: "run", .resuming) }
    #expect(text.contains("labels come from the teacher 'rvq"), "\(text)")
  }

  @Test func aCodecThatDoesNotFitIsRefusedBeforeAnyWork() throws {
    let rate = try refusal { $0.sampleRate = 16_000 }
    #expect(rate.contains("the codec takes 16000 Hz, and encoder.sampleRate is 8000"), "\(rate)")
    let strides = try refusal { $0.strides = [4, 30] }
    #expect(strides.contains("and the model's 50 are no whole share"), "\(strides)")
    let codes = try refusal { $0.quantizer.codes = 32 }
    #expect(codes.contains("have 32 entries, and teacher.rvq.codes is 16"), "\(codes)")
    let books = try refusal({ _ in }, recipe: { $0.teacher.rvq!.codebooks = 4 })
    #expect(books.contains("the codec has 3, not 4"), "\(books)")
    let stereo = try refusal { $0.channels = 2 }
    #expect(stereo.contains("the codec takes 2, and collections are read in mono"), "\(stereo)")
  }

  @Test func aDamagedOrMissingCodecIsOneLine() throws {
    let missing = complaint { try studio.train(recipe(model), in: "run") }
    #expect(missing.contains(folder.path) && !missing.contains("\n"), "\(missing)")
    try Codec.tiny().save(to: folder)
    let weights = folder.appendingPathComponent("model.safetensors")
    try Data(Data(contentsOf: weights).dropLast(100)).write(to: weights)
    let cut = complaint { try studio.train(recipe(model), in: "run") }
    #expect(cut.contains("model.safetensors") && !cut.contains("\n"), "\(cut)")
  }

  /// A codec may have more frames than the model: every second labels one.
  @Test func finerCodesAreThinned() throws {
    let codec = Codec.tiny { $0.strides = [4, 20] }
    try codec.save(to: folder)
    try studio.train(recipe(model), in: "run")
    #expect(try studio.log(of: "run").last?.step == 6)
  }

  /// A codec that is a recipe is trained first, as a stage, which runs with other seeds share.
  @Test func aCodecsRecipeIsAStage() throws {
    var source = Recipe.CodecSource()
    source.recipe = .tinyTeacher
    let recipe = recipe(source)
    try studio.train(recipe, in: "run")
    let stage = studio.run("run").stages.appendingPathComponent("codec")
    let codec = try Codec.load(try #require(try stage.latestCheckpoint))
    let store = try LabelStore(
      at: studio.run("run").labels.appendingPathComponent("labels-0.h5").path)
    let samples = try AudioFile.decode(
      studio.music.appendingPathComponent("0.wav").path, sampleRate: 8_000)
    #expect(
      try store.codes(of: "0.wav").integers
        == codec.codes(of: samples, codebooks: 2).codes.integers)
    #expect(recipe.seeded(7).stages.map(\.name) == ["codec"])
  }

  @Test func aRecipeGivesTheFolderOrARecipe() throws {
    let folder = try TestFolder()
    func rvq(_ text: String) throws -> Recipe.QuantizerCodes? {
      try RecipeFile.load(
        Recipe.Teachers.self, from: folder.write("rvq: \(text)", to: "x.yaml")
      ).rvq
    }
    let path = folder.url.appendingPathComponent("encodec").path
    #expect(try rvq("{ codec: encodec }")?.codec?.model?.path == path)
    #expect(try rvq("{ codec: { recipe: { name: own } } }")?.codec?.recipe?.name == "own")
    #expect(
      complaint { _ = try rvq("{ codec: encodec, files: codes }") }
        .contains("rvq.files: name a codec or files of codes, one of them"))
    #expect(complaint { _ = try rvq("{ codec: {} }") }.contains("names no codec"))
  }

  @Test func aRecipesCodecHasToFit() throws {
    var source = Recipe.CodecSource()
    source.recipe = .tinyTeacher
    source.recipe!.codec.sampleRate = 16_000
    #expect(
      complaint { try recipe(source).check() }
        .contains("teacher.rvq.codec.recipe.codec.sampleRate: the codec takes 16000 Hz"))
  }
}
