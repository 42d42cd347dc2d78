import Audio
import Foundation
import Models
import Tensor
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

    let states = try hiddenStates(of: song, model: model)

    #expect(states.count == 3)
    #expect(states.allSatisfy { $0.shape == [149, 32] })
    #expect(states[2].scalars.allSatisfy { $0.isFinite })
  }

  /// What the README shows is what is compiled here, line by line.
  @Test func theReadmeShowsThisCode() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let shown = try #require(readme.components(separatedBy: "```swift\n").dropFirst().first)
    let code = try #require(shown.components(separatedBy: "```").first)
    for line in code.split(separator: "\n") {
      #expect(source.contains(line), "not compiled by a test: \(line)")
    }
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

/// One tensor `[frames, width]` for what enters the first layer and what leaves each.
func hiddenStates(of song: String, model: URL) throws -> [Tensor] {
  let encoder = try AudioEncoder.load(model)
  let samples = try AudioFile.decode(song, sampleRate: encoder.config.sampleRate)
  let states = try encoder.hiddenStates(of: samples)

  for (layer, state) in states.enumerated() {
    let mean = state.mean(axis: 0)
    let frames = state.shape[0]
    print("layer \(layer): \(frames) frames, mean of channel 0 is \(mean.scalars[0])")
  }
  return states
}
