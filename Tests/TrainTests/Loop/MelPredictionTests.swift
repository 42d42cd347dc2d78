import Audio
import Models
import Pretrain
import Tensor
import TestSupport
import Testing
import Train

/// A target computed in the step and its head, which nothing but `Objective` names.
@Suite struct MelPredictionTests {
  private var recipe: Recipe {
    var recipe = Recipe.tinyMERT
    (recipe.objective, recipe.teacher) = (Objective(), Recipe.Teachers())
    var config = MelPrediction.Config()
    (config.bands, config.fftLength) = (9, 256)
    recipe.objective.mel = config
    recipe.training.accumulation = 1
    return recipe
  }

  /// The target of a crop is the front end's spectrum of it, frame by frame.
  @Test(arguments: [false, true])
  func theTargetIsTheSpectrum(standardizesFrames: Bool) throws {
    var recipe = recipe
    recipe.objective.mel!.standardizesFrames = standardizesFrames
    let batch = try TinyStudio().sampler(recipe).batch(0)
    let target = try #require(batch.targets["mel"])
    let frames = recipe.cropFrames
    #expect(target.shape == [recipe.training.batchSize, frames, 9])
    var config = MelSpectrogram.Config()
    (config.bands, config.fftLength, config.compression) = (9, 256, .logarithmic)
    config.hopLength = recipe.encoder.frontEnd.stride
    let direct = MelSpectrogram(config, sampleRate: recipe.encoder.sampleRate)(
      Array(batch.audio.scalars.prefix(recipe.cropSamples)))
    let first = Array(direct.scalars.prefix(9))
    let expected = standardizesFrames ? Self.standardized(first) : first
    expectClose(
      Tensor(Array(target.scalars.prefix(9))), Tensor(expected), relative: 1e-4)
  }

  private static func standardized(_ x: [Float]) -> [Float] {
    let mean = x.reduce(0, +) / Float(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(x.count)
    return x.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
  }

  /// The mean of squared differences, by hand: a head of zeros predicts its bias.
  @Test func theLossIsTheMeanSquare() throws {
    var config = MelPrediction.Config()
    config.bands = 2
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    var head = MelPrediction(config, hidden: 3, using: &generator)
    try head.load(["projection.weight": .zeros([2, 3]), "projection.bias": Tensor([1, -1])])
    let batch = Batch(
      audio: .zeros([1, 4]), samples: [0],
      targets: ["mel": Tensor([0, 0, 3, 0, 1, 1], shape: [1, 3, 2])])
    let loss = head.loss(at: .ones([2, 3]), of: FrameTargets(batch, at: [1, 2], of: 3))
    // Frames 1 and 2: (1 - 3)², (-1 - 0)², (1 - 1)², (-1 - 1)².
    #expect(loss.total.scalar == Float(4 + 1 + 0 + 4) / 4)
  }

  @Test func aModelLearnsIt() throws {
    let studio = try TinyStudio()
    var trainer = try Trainer(recipe, sampler: studio.sampler(recipe), codebooks: [])
    let losses = try (0..<6).map { _ in try trainer.advance().terms["mel"]! }
    #expect(losses.last! < losses.first!, "\(losses)")
    #expect(trainer.model.parameters.contains { $0.path == "mel.projection.weight" })
  }

  @Test func thePlanCountsIt() throws { try expectPlanCountsParameters(of: recipe) }
}
