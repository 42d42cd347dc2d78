import Audio
import Foundation
import MelModels
import Models
import Optimisation
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing
import Train

/// Recipes whose encoder reads mel or constant-Q frames.
@Suite struct MelEncoderRecipeTests {
  @Test func aCheckpointIsAFolderOfTheEncoder() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyConformer, in: "run")
    let checkpoint = studio.run("run").checkpoints.appendingPathComponent("step-6")
    let encoder = try MelEncoder.load(checkpoint)
    #expect(encoder.config == Recipe.tinyConformer.melEncoder)
    #expect(try Encoders.load(checkpoint) is MelEncoder)
    let losses = try studio.log(of: "run").map(\.loss)
    #expect(losses.count == 6 && losses.allSatisfy { $0.isFinite && $0 > 0 })
  }

  // MARK: - Statistics of the input

  /// The mean and deviation of each band over the crops, each once, are those of the run's model.
  @Test func theInputIsStandardisedByTheCollection() throws {
    let studio = try TinyStudio()
    let recipe = Recipe.tinyConformer
    try studio.train(recipe, in: "run", until: 1)
    let encoder = try MelEncoder.load(
      studio.run("run").checkpoints.appendingPathComponent("step-1"))

    let sample = try CollectionSample(studio.material(recipe), recipe: recipe)
    let bands = try sample.map { samples in
      encoder.input.bands(of: Tensor(samples, shape: [1, samples.count]))
    }
    let rows = Tensor.concatenated(bands, axis: 1)
    let mean = rows.mean(axis: 1).scalars
    let deviation = rows.variance(axis: 1).squareRoot().scalars
    #expect(sample.count == 8, "two, three, two and one of the files")
    let found = encoder.inputStatistics
    #expect(found.mean.count == 16)
    for (a, b) in zip(found.mean, mean) { #expect(abs(a - b) < 1e-3) }
    for (a, b) in zip(found.deviation, deviation) { #expect(abs(a - b) < 1e-3 * b) }
  }

  @Test func allBandsTogetherHaveOneMean() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyConformer
    recipe.melEncoder!.input.statistics = .global
    let start = try recipe.startingPoint(StartingPoint(), on: studio.material(recipe))
    let statistics = try #require(start.inputStatistics)
    let each = try #require(
      Recipe.tinyConformer.startingPoint(StartingPoint(), on: studio.material(recipe))
        .inputStatistics)
    #expect(abs(statistics.mean[0] - each.mean.reduce(0, +) / 16) < 1e-3)
    #expect(statistics.mean.count == 1 && statistics.deviation[0] > each.deviation.min()!)
  }

  /// Every frame of a constant is the same, but for rounding.
  @Test func bandsThatDoNotVaryAreNotDividedByZero() throws {
    let studio = try TinyStudio()
    for file in 0..<4 { try studio.write([Float](repeating: 0.5, count: 8_000), to: "\(file).wav") }
    let recipe = Recipe.tinyConformer
    let start = try recipe.startingPoint(StartingPoint(), on: studio.material(recipe))
    let statistics = try #require(start.inputStatistics)
    #expect(statistics.deviation.allSatisfy { $0 >= 1e-5 }, "\(statistics.deviation)")
    #expect(statistics.mean.allSatisfy { $0.isFinite && $0 >= -100.001 }, "\(statistics.mean)")
  }

  @Test func aSampleIsThatOfTheSeed() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyConformer
    let material = try studio.material(recipe)
    let all = try CollectionSample(material, recipe: recipe).map { $0 }
    #expect(
      try CollectionSample(material, recipe: recipe, most: 2).map { $0 } == Array(all.prefix(2)))
    recipe.seed += 1
    #expect(try CollectionSample(material, recipe: recipe).map { $0 } != all)
  }

  // MARK: - Batch norms

  @Test func batchNormsAverageEveryBatch() throws {
    let studio = try TinyStudio()
    let recipe = Recipe.tinyBatchNorms
    try studio.train(recipe, in: "run", until: 1)
    let encoder = try MelEncoder.load(
      studio.run("run").checkpoints.appendingPathComponent("step-1"))
    let moved = encoder.buffers.filter { $0.path.hasSuffix(".mean") && !$0.path.hasPrefix("input") }
    #expect(moved.count == 8, "of two blocks three each, of two layers one each")
    #expect(moved.allSatisfy { $0.tensor.scalars.contains { $0 != 0 } })
  }

  // MARK: - Starting points

  @Test func beginsAsATrainedModel() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyConformer, in: "first")
    let folder = studio.run("first").checkpoints.appendingPathComponent("step-6")
    let start = try StartingPoint(folder.path, keepingHeads: true)
    var recipe = Recipe.tinyConformer
    (recipe.name, recipe.melEncoder!.dropout) = ("second", 0.3)
    let model = try recipe.model(codebooks: [], startingAs: start)
    let trained = try MelEncoder.load(folder)
    for (a, b) in zip(model.encoder.state, trained.state) {
      #expect(a.path == b.path && a.tensor.scalars == b.tensor.scalars)
    }
    #expect(try recipe.startingPoint(start, on: studio.material(recipe)).inputStatistics == nil)

    recipe.melEncoder!.kernel = 7
    expectError("melEncoder.kernel is 7, but 5 in the model to begin with") {
      _ = try recipe.model(codebooks: [], startingAs: start)
    }
    expectError("encoder is another kind of encoder than the model to begin with") {
      _ = try Recipe.tinyHuBERT.model(codebooks: [6], startingAs: start)
    }
  }

  /// A model in the form that its authors publish, which states what their recipe here leaves to the defaults.
  @Test(arguments: ["musicfm", "muq", "mert-v2", "omar-rq"])
  func aPublishedModelBeginsItsRecipe(name: String) throws {
    var settings = ["melEncoder.width=32", "melEncoder.layers=1"]
    switch name {
    case "mert-v2":
      settings.append("melEncoder.frontEnd.convNeXt={channels: [128, 8, 32], layers: [1, 1, 1]}")
    case "omar-rq": settings.append("melEncoder.feedForwardWidth=64")
    default: break
    }
    let recipe = try PublishedRecipeTests.load("rq/\(name).yaml", settings: settings)
    let folder = try TestFolder()
    let place = folder.url.appendingPathComponent("pretrained_msd.pt")
    let encoder = try #require(try recipe.model(codebooks: []).encoder as? MelEncoder)
    switch name {
    case "musicfm": try encoder.saveMusicFM(to: place)
    case "muq": try encoder.saveMuQ(to: place)
    case "mert-v2": try encoder.saveMERT2(to: place)
    default: try encoder.saveOMARRQ(to: place)
    }
    let published = try MelEncoder.load(place)
    // The recipe of OMAR-RQ leaves nothing to the defaults.
    #expect((published.config == recipe.melEncoder) == (name == "omar-rq"))
    let start = StartingPoint(encoder: published)
    var begins = recipe
    (begins.melEncoder!.dropout, begins.melEncoder!.initialScale) = (0.3, 0.7)
    let begun = try begins.model(codebooks: [], startingAs: start).encoder
    for (a, b) in zip(begun.state, published.state) {
      #expect(a.path == b.path && a.tensor.scalars == b.tensor.scalars, "\(a.path)")
    }

    var other = recipe
    other.melEncoder!.input.hopLength *= 2
    expectError("melEncoder.input.hopLength is ") {
      _ = try other.model(codebooks: [], startingAs: start)
    }
  }

  // MARK: - Heads of earlier layers

  /// A head of the first of two layers: the second learns nothing, and nothing else changes.
  @Test func aHeadReadsAnEarlierLayer() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinyConformer
    (recipe.objective.randomProjection!.head.layer, recipe.optimizer.weightDecay) = (1, 0)
    try recipe.check()
    let sampler = try studio.sampler(recipe)
    var trainer = try Trainer(recipe, sampler: sampler, codebooks: [])
    let before = trainer.model.encoder
    _ = try trainer.advance()
    let moved = zip(before.state, trainer.model.encoder.state).filter { a, b in
      a.tensor.scalars != b.tensor.scalars
    }.map { $0.0.path }
    #expect(moved.contains { $0.hasPrefix("conformer.layers.0.") })
    #expect(!moved.contains { $0.hasPrefix("conformer.layers.1.") }, "\(moved)")

    recipe.objective.randomProjection!.head.layer = 2
    expectError("objective.randomProjection: reads layer 2, and melEncoder.layers is 2") {
      try recipe.check()
    }
  }

  // MARK: - As a teacher

  /// Clusters of what leaves a layer of a stage with 25 frames a second, for a model with 50.
  @Test func aLayerOfItTeachesAnEncoderOfTheWaveform() throws {
    let studio = try TinyStudio()
    var recipe = Recipe.tinySecond
    recipe.teacher.kmeans[0].layer!.recipe = .tinyConformer
    try studio.train(recipe, in: "run", until: 2)
    #expect(try studio.log(of: "run").allSatisfy { ($0.terms["codes.0"] ?? .nan).isFinite })
    let store = try LabelStore(
      at: studio.run("run").labels.appendingPathComponent("labels-0.h5").path)
    #expect(store.description.rate == LabelRate(sampleRate: 8_000, hop: 320))
  }

  @Test func itLearnsFromALayerOfATrainedModel() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyBatchNorms, in: "first", until: 2)
    var recipe = Recipe.tinyConformer
    recipe.objective = Recipe.tinySecond.objective
    recipe.teacher = Recipe.tinySecond.teacher
    recipe.teacher.kmeans[0].layer!.recipe = nil
    recipe.teacher.kmeans[0].layer!.model = RecipePath(studio.run("first").path)
    try studio.train(recipe, in: "second", until: 2)
    #expect(try studio.log(of: "second").allSatisfy { ($0.terms["codes.0"] ?? .nan).isFinite })
    recipe.teacher.kmeans[0].layer!.index = 3
    #expect(throws: (any Error).self) { try studio.train(recipe, in: "third") }
  }

  /// Layers of a stage and of a trained model side by side, both of 25 frames a second.
  @Test func aQuantiserOfLayersOfTwoModelsTeaches() throws {
    let studio = try TinyStudio()
    try studio.train(.tinyBatchNorms, in: "first", until: 2)
    let recipe = Self.quantising(RecipePath(studio.run("first").path))
    #expect(recipe.teacher.codebooks == [8, 8])
    try studio.train(recipe, in: "run", until: 2)
    let store = try LabelStore(
      at: studio.run("run").labels.appendingPathComponent("labels-0.h5").path)
    #expect(store.description.codebookSizes == [8, 8])
    #expect(store.description.rate == LabelRate(sampleRate: 8_000, hop: 320))
    #expect(Set(try store.codes(of: "1.wav").integers).count > 2)
    #expect(try studio.log(of: "run").allSatisfy { $0.terms["accuracy.1"] != nil })

    // Another stage, or another of its layers, is another teacher.
    for index in [0, 2] {
      var other = recipe
      other.teacher.layerRVQ!.layers[0].index = index
      expectError("labels come from the teacher") {
        try studio.train(other, in: "other-\(index)", labels: "run", until: 1)
      }
    }
    #expect(recipe.seeded(7).stages[0].name == "conformer-seed-7")
  }

  static func quantising(_ model: RecipePath) -> Recipe {
    var recipe = Recipe.tinyConformer
    recipe.name = "quantised"
    (recipe.objective, recipe.teacher) = (Recipe.tinySecond.objective, Recipe.Teachers())
    var (stage, lying) = (Recipe.HiddenLayer(), Recipe.HiddenLayer())
    (stage.recipe, stage.index) = (.tinyConformer, 1)
    (lying.model, lying.index) = (model, 2)
    var codes = Recipe.LayerQuantizerCodes()
    codes.layers = [stage, lying]
    (codes.quantizer.codebooks, codes.quantizer.codes) = (2, 8)
    (codes.quantizer.steps, codes.quantizer.batchFrames) = (20, 32)
    (codes.quantizer.projectedWidth, codes.quantizer.staleSteps) = (4, 5)
    codes.fitFrames = 100
    recipe.teacher.layerRVQ = codes
    return recipe
  }

  @Test func layersOfOtherFrameRatesAreRefused() {
    var recipe = Self.quantising(RecipePath("nowhere"))
    (recipe.teacher.layerRVQ!.layers[1].model, recipe.teacher.layerRVQ!.layers[1].recipe) = (
      nil, .tinyHuBERT
    )
    expectError("layerRVQ.layers have 25 and 50 frames a second") { try recipe.check() }
    recipe.teacher.layerRVQ!.layers = []
    expectError("teacher.layerRVQ.layers: names none") { try recipe.check() }
  }

  // MARK: - Refusals

  @Test func settingsWithoutEffectAreRefused() throws {
    var recipe = Recipe.tinyConformer
    recipe.encoder.layers = 3
    expectError("encoder: has no effect beside melEncoder") { try recipe.check() }
    recipe = .tinyConformer
    recipe.objective.featurePenalty = 10
    expectError("objective.featurePenalty: has no effect on melEncoder") { try recipe.check() }
    recipe = .tinyMel2Vec
    recipe.teacher.ema!.averagesPositions = true
    expectError("averagesPositions: has no effect on melEncoder") { try recipe.check() }
    recipe.teacher.ema!.averagesPositions = false
    recipe.teacher.ema!.targets.topLayers = 3
    expectError("a model that has melEncoder.layers 2") { try recipe.check() }
  }

  @Test func numbersThatDoNotFitAreNamedAsTheRecipeHasThem() throws {
    var recipe = Recipe.tinyConformer
    recipe.melEncoder!.heads = 5
    expectError("melEncoder.heads: 5 does not divide the width 12") { try recipe.check() }
    recipe = .tinyBatchNorms
    recipe.melEncoder!.input.constantQ!.bands = 30
    expectError("melEncoder.input.constantQ.bands: the highest of 30 lies at") {
      try recipe.check()
    }
    recipe = .tinyConformer
    recipe.objective.cqt = SpectrumPrediction.Config()
    expectError("above half of melEncoder.sampleRate 8000") { try recipe.check() }
  }

  /// A transform of an odd length has no frame at the end of a crop, where the encoder may have one.
  @Test func aTransformHasTheLastFrameThatIsKept() throws {
    var recipe = Recipe.tinyConformer
    recipe.melEncoder!.input.keepsLastFrame = true
    recipe.melEncoder!.input.mel!.fftLength = 255
    expectError("melEncoder.input.mel.fftLength: 255 is odd") { try recipe.check() }
    recipe.melEncoder!.input.mel!.fftLength = 256
    recipe.objective.mel = MelPrediction.Config()
    (recipe.objective.mel!.bands, recipe.objective.mel!.fftLength) = (16, 255)
    try recipe.check()  // Patches drop the last frame again.

    recipe.melEncoder!.frontEnd.patches = nil
    recipe.melEncoder!.frontEnd.residual = ResidualSubsampling.Config()
    recipe.melEncoder!.frontEnd.residual!.channels = 3
    let odd = "fftLength: 255 is odd, which leaves out the frame at the end of a crop"
    expectError("objective.mel.\(odd)", "melEncoder.input.keepsLastFrame") { try recipe.check() }
    recipe.objective.mel!.fftLength = 256
    try recipe.check()
    recipe.objective.randomProjection!.fftLength = 255
    expectError("objective.randomProjection.\(odd)") { try recipe.check() }
  }

  // MARK: - Targets

  /// 16000 / (16000 / 960) is less than 960 in Double, and no target may take it for another hop.
  @Test func aStrideThatItsFrameRateDoesNotGiveBackHasTargets() throws {
    var recipe = Recipe.tinyConformer
    (recipe.melEncoder!.sampleRate, recipe.melEncoder!.input.hopLength) = (16_000, 240)
    (recipe.data.cropSeconds, recipe.objective.cqt) = (1.92, SpectrumPrediction.Config())
    (recipe.objective.randomProjection!.bands, recipe.objective.randomProjection!.fftLength) =
      (128, 2_048)
    recipe.objective.randomProjection!.features = .logmel128
    try recipe.check()
    let (encoder, samples) = (recipe.chosenEncoder, [Float](repeating: 0.1, count: 30_720))
    let frames = encoder.frameCount(samples: samples.count)
    #expect(encoder.stride == 960 && frames == 32 && recipe.objective.heads.count == 2)
    for head in recipe.objective.heads {
      guard let target = try head.target(for: encoder) else { continue }
      #expect(target(samples).shape[0] == frames, "\(type(of: head).name)")
    }
  }
}

extension TinyStudio {
  /// The music at a recipe's rate, without labels.
  func material(_ recipe: Recipe) throws -> TrainingMaterial {
    let data = try Manifest.scan(music.path, minimumSeconds: 0.1)
    return TrainingMaterial(
      try DecodedAudio(
        data.manifest, sampleRate: recipe.sampleRate, scratchFolder: folder.path,
        minimumSeconds: recipe.data.cropSeconds))
  }
}
