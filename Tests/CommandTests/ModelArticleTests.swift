import Audio
import Foundation
import Models
import Tensor
import Testing

/// `docs/models.md`: its example, run as it stands there.
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

  /// What the article shows is what is compiled here, line by line.
  @Test func theArticleShowsThisCode() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let article = try String(contentsOf: root.appending(path: "docs/models.md"), encoding: .utf8)
    let examples = article.components(separatedBy: "```swift\n").dropFirst()
    #expect(examples.count == 1)
    for example in examples {
      let code = try #require(example.components(separatedBy: "```").first)
      for line in code.split(separator: "\n") {
        #expect(source.contains(line), "not compiled by a test: \(line)")
      }
    }
  }
}

/// What layer 7 of a model makes of a song, averaged over time: `[width]`.
func feature(of song: String, model: URL) throws -> Tensor {
  let encoder = try AudioEncoder.load(model)
  let samples = try AudioFile.decode(song, sampleRate: encoder.config.sampleRate)
  let states = try encoder.hiddenStates(of: samples, layers: [7])  // [[frames, width]]
  return states[0].mean(axis: 0)
}
