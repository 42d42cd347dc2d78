import Audio
import Foundation
import Models
import Pretrain
import Tensor
import Testing

/// What HuBERT's second iteration clusters: the hidden states of a layer.
@Suite final class HiddenFramesTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("etude-hidden-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (file, seconds) in [0.7, 0.31, 0.02].enumerated() {
      var stream = RandomStream(seed: UInt64(file), purpose: .corpus)
      let samples = (0..<Int(seconds * 8_000)).map { _ in 0.3 * stream.nextNormal() }
      try AudioFile.write(
        samples, sampleRate: 8_000, encoding: .float32,
        to: folder.appendingPathComponent("\(file).wav").path)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func audio(sampleRate: Int = 8_000) throws -> DecodedAudio {
    try DecodedAudio(
      Manifest.scan(folder.path, minimumSeconds: 0.001).manifest, sampleRate: sampleRate,
      scratchFolder: folder.path, minimumSeconds: 0.001)
  }

  private func encoder(
    _ order: AudioEncoder.NormOrder, normalizing: Bool = false
  ) throws -> AudioEncoder {
    var config = AudioEncoder.Config()
    (config.sampleRate, config.normalizesWaveform) = (8_000, normalizing)
    config.frontEnd.channels = [6, 5, 4]
    (config.frontEnd.kernels, config.frontEnd.strides) = ([20, 8, 4], [10, 4, 4])
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (12, 3, 3, 16)
    (config.position.kernel, config.position.groups) = (6, 4)
    config.normOrder = order
    var stream = RandomStream(seed: 3, purpose: .initialisation)
    return try AudioEncoder(config, using: &stream)
  }

  /// The layers above are left out, and what leaves this one is the whole model's.
  @Test(arguments: [AudioEncoder.NormOrder.post, .pre], 0...3)
  func areThoseOfTheWholeModel(order: AudioEncoder.NormOrder, layer: Int) throws {
    let encoder = try encoder(order, normalizing: order == .pre)
    let (audio, frames) = (try audio(), try HiddenFrames(encoder, layer: layer))
    #expect(frames.frameRate == 50)
    for file in 0..<2 {
      let samples = audio.crop(file: file, start: 0, length: audio.samples(of: file))
      let whole = try encoder.hiddenStates(of: samples)[layer]
      let mine = try frames.frames(of: file, in: audio)
      #expect(mine.shape == whole.shape && mine.scalars == whole.scalars)
    }
  }

  /// 160 samples of 20 ms: a window of the convolutions is 192 long.
  @Test func aFileShorterThanAFrameHasNone() throws {
    let frames = try HiddenFrames(encoder(.post), layer: 1)
    #expect(try frames.frames(of: 2, in: audio()).shape == [0, 12])
  }

  @Test func audioIsBroughtToTheModelsRate() throws {
    let frames = try HiddenFrames(encoder(.post), layer: 2)
    let (same, doubled) = (try audio(), try audio(sampleRate: 16_000))
    let (a, b) = (try frames.frames(of: 0, in: same), try frames.frames(of: 0, in: doubled))
    #expect(a.shape == b.shape)
    // Twice through a resampler's pass band, white noise keeps nine tenths of its band.
    let (x, y) = (a.scalars, b.scalars)
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let energies = x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }
    #expect(product / energies.squareRoot() > 0.9)
  }

  @Test(arguments: [-1, 4])
  func layersThatAreNotThere(layer: Int) throws {
    let encoder = try encoder(.post)
    #expect {
      _ = try HiddenFrames(encoder, layer: layer)
    } throws: {
      "\($0)" == "layer: \(layer) is not one of 0...3"
    }
  }

  /// A clustering of hidden states labels every frame of the model.
  @Test func canBeClustered() throws {
    let (audio, frames) = (try audio(), try HiddenFrames(encoder(.post), layer: 2))
    var config = KMeans.Config()
    (config.clusters, config.restarts) = (3, 2)
    let teacher = try KMeansTeacher(fitting: config, to: frames, of: audio, seed: 1)
    let kept = try KMeans(tensors: teacher.tensors, file: "teacher")
    for file in 0..<2 {
      let codes = try teacher.codes(of: file, in: audio)
      #expect(try codes.integers == kept.assign(frames.frames(of: file, in: audio)))
      #expect(codes.shape[1] == (audio.samples(of: file) - 210) / 160 + 1)
    }
    #expect(try teacher.codes(of: 2, in: audio).shape == [1, 0])
  }
}
