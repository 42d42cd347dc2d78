import Foundation
import Models
import Pretrain
import Settings
import Tensor
import TestSupport
import Testing

/// Features that an earlier model computes: layers of encoders, and latents of a codec.
@Suite struct ModelFeaturesTests {
  /// As loud as music, 19 frames of the tiny encoder.
  private let samples = (Tensor.normal([197], seed: 9) * 0.1).scalars

  @Test func layersOfModelsLieSideBySide() throws {
    try withTemporaryFolder { folder in
      var features = LayerFrames()
      features.models = try [(1, 2), (2, 1)].map { try saved(seed: $0, layer: $1, in: folder) }
      #expect(features.width == 24)
      let frames = try features.extractor(
        sampleRate: 24_000, hopLength: 10, isNormalized: false)(samples)
      #expect(frames.shape == [19, 24])
      expectClose(frames.sliced(axis: 1, 0..<12), try states(seed: 1, layer: 2), relative: 1e-6)
      expectClose(frames.sliced(axis: 1, 12..<24), try states(seed: 2, layer: 1), relative: 1e-6)
    }
  }

  /// A model that takes files of mean 0 and variance 1 gets crops of such files as they are, and crops of others not at
  /// all: a recipe's encoder decides which they are.
  @Test func aModelGetsCropsAtTheLevelOfTheEncoder() throws {
    try withTemporaryFolder { folder in
      var stream = StreamFeatures()
      stream.layers = LayerFrames()
      stream.layers!.models = [try saved(seed: 1, layer: 2, normalizing: true, in: folder)]
      var config = TokenPrediction.Config()
      config.streams = [TokenStream()]
      config.streams[0].features = stream
      var encoder = AudioEncoder.Config.tiny
      expectError("model-1: has normalizesWaveform true, and the recipe's encoder has false") {
        _ = try config.target(for: encoder)
      }
      encoder.normalizesWaveform = true
      let loud = samples.map { $0 * 20 + 1 }
      let target = try #require(try config.target(for: encoder))
      let frames = target(loud)
      let model = try AudioEncoder.load(folder.appending(path: "model-1"))
      let pass = ForwardPass.evaluating(keeping: .hiddenStates)
      _ = model(Tensor(loud, shape: [1, 197]), in: pass)
      let states = pass.hiddenStates[2]
      expectClose(frames, states.reshaped([states.shape[1], 12]), relative: 1e-6)
    }
  }

  /// Where the files lie is no part of it.
  @Test func modelsAreKnownByTheirWeights() throws {
    try withTemporaryFolder { folder in
      func identity(_ seeds: Int..., in place: String) throws -> [String] {
        var features = LayerFrames()
        features.models = try seeds.map {
          try saved(seed: $0, layer: 1, in: folder.appending(path: place))
        }
        return try features.identity()
      }
      let here = try identity(1, 2, in: "here")
      let (there, others) = try (identity(1, 2, in: "there"), identity(1, 3, in: "here"))
      #expect(here == there && here != others)
    }
  }

  @Test(arguments: [
    ("layer", "has 2 layers, there is no 3"), ("width", "has frames of 12 channels"),
    ("hop", "has 2400 frames a second"),
    ("level", "has normalizesWaveform false, and the recipe's encoder has true"),
  ])
  func aModelThatDoesNotFitIsRefused(setting: String, words: String) throws {
    try withTemporaryFolder { folder in
      var model = try saved(seed: 1, layer: setting == "layer" ? 3 : 1, in: folder)
      if setting == "width" { model.width = 13 }
      var features = LayerFrames()
      features.models = [model]
      expectError("model-1", words) {
        _ = try features.extractor(
          sampleRate: 24_000, hopLength: setting == "hop" ? 20 : 10,
          isNormalized: setting == "level")
      }
    }
  }

  @Test func latentsAreThoseOfTheCodec() throws {
    try withTemporaryFolder { folder in
      let features = try latents(in: folder)
      let frames = try features.extractor(
        sampleRate: 8_000, hopLength: 8, isNormalized: false)(samples)
      let waveform = Tensor(samples, shape: [1, 197, 1])
      let expected = tinyCodec().latents(of: waveform, in: .evaluating())
      #expect(frames.shape == [expected.shape[1], 4])
      #expect(frames.scalars == expected.scalars)
      let copy = try latents(in: folder.appending(path: "copy"))
      let (here, there) = try (features.identity(), copy.identity())
      #expect(here == there)
    }
  }

  @Test(arguments: [
    ("rate", "takes 1 channels at 8000 Hz"), ("channels", "has latents of 4 channels"),
    ("hop", "has a latent every 8 samples"),
    ("level", "takes audio as it is, and the recipe's encoder has normalizesWaveform true"),
  ])
  func aCodecThatDoesNotFitIsRefused(setting: String, words: String) throws {
    try withTemporaryFolder { folder in
      var features = try latents(in: folder)
      if setting == "channels" { features.channels = 5 }
      expectError("codec", words) {
        _ = try features.extractor(
          sampleRate: setting == "rate" ? 16_000 : 8_000, hopLength: setting == "hop" ? 16 : 8,
          isNormalized: setting == "level")
      }
    }
  }

  private func saved(
    seed: Int, layer: Int, normalizing: Bool = false, in folder: URL
  ) throws -> LayerFrames.Layer {
    let place = folder.appending(path: "model-\(seed)")
    var config = AudioEncoder.Config.tiny
    config.normalizesWaveform = normalizing
    try AudioEncoder.random(config, seed: UInt64(seed)).save(to: place)
    var model = LayerFrames.Layer()
    (model.model, model.layer, model.width) = (RecipePath(place.path), layer, 12)
    return model
  }

  /// The layer itself, its last frame repeated up to 19.
  private func states(seed: UInt64, layer: Int) throws -> Tensor {
    let encoder = try AudioEncoder.random(.tiny, seed: seed)
    let pass = ForwardPass.evaluating(keeping: .hiddenStates)
    _ = encoder(Tensor(samples, shape: [1, 197]), in: pass)
    let states = pass.hiddenStates[layer]
    let rows = states.reshaped([states.shape[1], 12])
    return rows.gatheringRows((0..<19).map { min($0, rows.shape[0] - 1) })
  }

  private func latents(in folder: URL) throws -> LatentFrames {
    let place = folder.appending(path: "codec")
    try tinyCodec().save(to: place)
    var features = LatentFrames()
    (features.model, features.channels) = (RecipePath(place.path), 4)
    return features
  }
}
