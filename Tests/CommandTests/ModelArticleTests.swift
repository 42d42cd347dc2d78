import Audio
import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// `docs/models.md`: its examples, run as they stand there.
@Suite struct ModelArticleTests {
  /// On a model of seven layers with MERT's file names, and a song of a rate that is not the model's.
  @Test func theExampleRuns() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "article-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var config = AudioEncoder.Config()
    config.frontEnd.channels = Array(repeating: 8, count: 7)
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (16, 7, 2, 24)
    config.position.groups = 4
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    let encoder = try AudioEncoder(config, using: &generator)
    let model = folder.appending(path: "MERT")
    try ModelFolder.write(encoder, to: model, as: .mert)
    let song = folder.appending(path: "song.flac").path
    let samples = (0..<44_100).map { 0.3 * Float(sin(0.06 * Double($0))) }
    try AudioFile.write(samples, sampleRate: 44_100, to: song)

    let feature = try feature(of: song, model: model)

    #expect(feature.shape == [16])
    let heard = try AudioFile.decode(song, sampleRate: 24_000)
    let last = encoder(Tensor(heard, shape: [1, heard.count]), in: .evaluating())
    #expect(feature.differences(from: last.mean(axis: 1)[0], relative: 1e-4) == nil)
  }

  @Test func theModuleRuns() {
    let map = Linear(weight: Tensor([1, 2], shape: [1, 2]), bias: .zeros([1]))
    var module = Centring(map: map, mean: .zeros([2]))
    module.trackGradients()
    module.follow(Tensor([1, 2, 3, 6], shape: [2, 2]))
    #expect(module.mean.differences(from: Tensor([0.2, 0.4]), relative: 1e-6) == nil)
    #expect(module(Tensor([1.2, 0.4], shape: [1, 2])).scalars == [1])
    #expect(module.parameters.map(\.path) == ["map.weight", "map.bias"])
    #expect(module.state.map(\.path) == ["map.weight", "map.bias", "mean"])
  }

  @Test func theFrontEndFreezes() throws {
    var config = AudioEncoder.Config()
    (config.frontEnd.channels, config.frontEnd.kernels) = ([4], [10])
    (config.frontEnd.strides, config.layers) = ([5], 1)
    (config.width, config.heads, config.feedForwardWidth) = (16, 2, 24)
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    var encoder = try AudioEncoder(config, using: &generator)
    freezeFrontEnd(of: &encoder)
    encoder.forEachParameter { place, tensor in
      #expect(tensor.isTracked == (place.part != .frontEnd), "\(place.path)")
    }
  }

  @Test func theTransformerRuns() {
    var generator = RandomStream(seed: 2, purpose: .initialisation)
    let transformer = smallTransformer(using: &generator)
    #expect(transformer.layers.count == 2 && transformer.normPlace == .last)
    #expect(transformer(.ones([1, 5, 64]), in: .evaluating()).shape == [1, 5, 64])
  }

  /// What the article shows is what is compiled here, line by line.
  @Test func theArticleShowsThisCode() throws {
    try expectCompiled("docs/models.md", blocks: 3)
  }
}

/// What layer 7 of a model makes of a song, averaged over time: `[width]`.
func feature(of song: String, model: URL) throws -> Tensor {
  let encoder = try AudioEncoder.load(model)
  let samples = try AudioFile.decode(song, sampleRate: encoder.config.sampleRate)
  let states = try encoder.hiddenStates(of: samples, layers: [7])  // [[frames, width]]
  return states[0].mean(axis: 0)
}

/// Centres frames on a running mean, then maps them: `[..., D] -> [..., D]`.
struct Centring: Module {
  var map: Linear
  var mean: Tensor

  func callAsFunction(_ x: Tensor) -> Tensor { map(x - mean) }

  /// After an update: moves the mean towards that of the update's frames.
  mutating func follow(_ frames: Tensor) {
    mean = mean * 0.9 + frames.detached().mean(axis: 0) * 0.1
  }

  mutating func visit(_ visitor: inout some ParameterVisitor) {
    visitor.child("map", &map)
    visitor.buffer("mean", &mean)
  }
}

/// Makes all of an encoder but its front end learn.
func freezeFrontEnd(of encoder: inout AudioEncoder) {
  encoder.trackGradients { $0.part != .frontEnd }
}

/// Two pre-norm layers of 64 channels.
func smallTransformer(using generator: inout some RandomNumberGenerator) -> Transformer {
  var layers: [any TransformerLayer] = []
  for _ in 0..<2 {
    let attention = SelfAttention(width: 64, heads: 4, using: &generator)
    let block = GELUFeedForward(width: 64, inner: 256, using: &generator)
    layers.append(PreNormLayer(attention: attention, feedForward: block, dropout: 0.1))
  }
  return Transformer(layers, width: 64)
}
