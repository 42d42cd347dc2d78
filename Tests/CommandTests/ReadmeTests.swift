import Audio
import Foundation
import Models
import Optimisation
import Tensor
import TestSupport
import Testing

/// The README's example, run as it stands there.
@Suite struct ReadmeTests {
  @Test func theExampleRuns() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "readme-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = folder.appending(path: "model")
    try tinyEncoder().save(to: model)
    let song = folder.appending(path: "song.wav").path
    try AudioFile.write(tone(seconds: 2), sampleRate: 44_100, to: song)

    let head = try classifier(of: song, labelled: 3, model: model)

    #expect(head.weight.shape == [10, 32])
    var random = RandomStream(seed: 1, purpose: .initialisation)
    let before = Linear.uniform(from: 32, to: 10, using: &random)
    let (after, start) = (try #require(head.bias), try #require(before.bias))
    let gains = zip(after.scalars, start.scalars).map { $0 - $1 }
    #expect(gains.indices.allSatisfy { (gains[$0] > 0) == ($0 == 3) })
  }

  /// What the README shows is what is compiled here, line by line.
  @Test func theReadmeShowsThisCode() throws {
    try expectCompiled("README.md", blocks: 1)
  }

  private func tinyEncoder() throws -> AudioEncoder {
    var config = AudioEncoder.Config()
    config.frontEnd.channels = Array(repeating: 16, count: 7)
    (config.width, config.layers, config.heads, config.feedForwardWidth) = (32, 2, 2, 64)
    config.position.groups = 4
    var generator = RandomStream(seed: 1, purpose: .initialisation)
    return try AudioEncoder(config, using: &generator)
  }

  private func tone(seconds: Int) -> [Float] {
    (0..<seconds * 44_100).map { 0.3 * Float(sin(2 * Double.pi * 440 * Double($0) / 44_100)) }
  }
}

func classifier(of song: String, labelled instrument: Int32, model: URL) throws -> Linear {
  let encoder = try AudioEncoder.load(model)
  let samples = try AudioFile.decode(song, sampleRate: encoder.config.sampleRate)
  let states = try encoder.hiddenStates(of: samples)  // layers + 1 of [frames, width]
  let features = states.last!.mean(axis: 0, keepingDims: true)  // [1, width]

  var random = RandomStream(seed: 1, purpose: .initialisation)
  var head = Linear.uniform(from: encoder.config.width, to: 10, using: &random)
  var optimiser = AdamW(AdamW.Config(), for: head)
  head.trackGradients()
  for step in 0..<3 {
    let loss = head(features).crossEntropy(targets: [instrument]).mean()
    optimiser.update(&head, along: loss.gradients(), rate: 0.01)
    print("step \(step): loss \(loss.scalar)")
  }
  return head
}
