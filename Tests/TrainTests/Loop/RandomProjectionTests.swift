import Audio
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// Codes computed in the step, and the head that predicts them.
@Suite struct RandomProjectionTests {
  private var recipe: Recipe {
    var recipe = Recipe.tinyMERT
    (recipe.objective, recipe.teacher) = (Objective(), Recipe.Teachers())
    var config = RandomProjectionPrediction.Config()
    (config.codebooks, config.codes, config.projectedWidth) = (2, 8, 4)
    (config.bands, config.fftLength, config.head.width) = (9, 256, 6)
    recipe.objective.randomProjection = config
    recipe.training.accumulation = 1
    return recipe
  }

  /// The code is the vector with the greatest cosine, by hand in double precision.
  @Test func theCodeIsTheNearestVector() throws {
    let batch = try TinyStudio().sampler(recipe).batch(0)
    let codes = try #require(batch.targets["randomProjection"])
    #expect(codes.dtype == .int32)
    #expect(codes.shape == [recipe.training.batchSize, recipe.cropFrames, 2])
    var mel = MelSpectrogram.Config()
    (mel.bands, mel.fftLength, mel.compression) = (9, 256, .logarithmic)
    mel.hopLength = recipe.encoder.frontEnd.stride
    let frame = MelSpectrogram(mel, sampleRate: recipe.encoder.sampleRate)(
      Array(batch.audio.scalars.prefix(recipe.cropSamples))
    ).scalars.prefix(9).map(Double.init)
    let mean = frame.reduce(0, +) / 9
    let deviation = (frame.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9 + 1e-5).squareRoot()
    for book in 0..<2 {
      var stream = RandomStream(seed: 142, purpose: .clustering, sample: book)
      let projection = Tensor.normal(
        [9, 4], standardDeviation: Float(2.0 / 13).squareRoot(), using: &stream
      ).scalars.map(Double.init)
      let vectors = Tensor.normal([8, 4], using: &stream).scalars.map(Double.init)
      let projected = (0..<4).map { channel in
        (0..<9).reduce(0.0) {
          $0 + (frame[$1] - mean) / deviation * projection[$1 * 4 + channel]
        }
      }
      let cosines = (0..<8).map { code in
        let vector = vectors[code * 4..<code * 4 + 4]
        let product = zip(projected, vector).reduce(0) { $0 + $1.0 * $1.1 }
        return product / vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      let nearest = cosines.firstIndex(of: cosines.max()!)!
      #expect(codes.integers[book] == Int32(nearest))
    }
  }

  /// The run's seed moves crops and weights, not the codes of a sound.
  @Test func theQuantizerIsPartOfTheObjective() throws {
    let samples = TinyStudio.music(seconds: 0.64, seed: 5)
    let target = { (recipe: Recipe) in
      recipe.objective.randomProjection!.target(for: recipe.encoder)!(samples).integers
    }
    var (other, reseeded) = (recipe, recipe)
    other.seed = 99
    reseeded.objective.randomProjection!.seed = 7
    #expect(target(other) == target(recipe) && target(reseeded) != target(recipe))
    #expect(Set(target(recipe)).count > 2, "music has more than one sound")
  }

  /// By the name of a catalogue's front end, the same bits: 128 log-mel bands are the default.
  @Test func namedFeatures() throws {
    let samples = TinyStudio.music(seconds: 0.64, seed: 5)
    let codes = { (config: RandomProjectionPrediction.Config) in
      config.target(for: self.recipe.encoder)!(samples).integers
    }
    var config = RandomProjectionPrediction.Config()
    (config.codes, config.projectedWidth) = (8, 4)
    let plain = codes(config)
    config.features = .logmel128
    #expect(codes(config) == plain)
    config.features = .chroma12
    #expect(codes(config) != plain && codes(config).count == recipe.cropFrames)
  }

  @Test(arguments: [
    ("mfcc39", "fewer frames than a crop"), ("logcqt336", "8000 Hz is too low"),
  ])
  func featuresThatDoNotFit(features: String, words: String) {
    var recipe = recipe
    recipe.objective.randomProjection!.features = FeatureKind(rawValue: features)
    expectError("has no effect") { try recipe.check() }
    (recipe.objective.randomProjection!.bands, recipe.objective.randomProjection!.fftLength) =
      (128, 2_048)
    expectError("objective.randomProjection.features", words) { try recipe.check() }
  }

  @Test func aModelLearnsThem() throws {
    let studio = try TinyStudio()
    var trainer = try Trainer(recipe, sampler: studio.sampler(recipe), codebooks: [])
    let outcomes = try (0..<8).map { _ in try trainer.advance() }
    let losses = outcomes.map { $0.terms["randomProjection"]! }
    #expect(losses.last! < losses.first!, "\(losses)")
    #expect(outcomes[0].terms["randomProjection.accuracy.1"] != nil)
    #expect(
      trainer.model.parameters.contains { $0.path == "randomProjection.embeddings.1" })
  }

  @Test func thePlanCountsThem() throws { try expectPlanCountsParameters(of: recipe) }
}
