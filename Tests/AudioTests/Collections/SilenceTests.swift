import Audio
import Foundation
import MusicSupport
import Testing

/// Silence trains to high accuracies and teaches nothing: it is counted.
@Suite struct SilenceTests {
  @Test func decodingMeasuresIt() throws {
    let folder = try FeatureFolder(pieces: 1)
    // A zero at every crossing is none; neither are 10 ms.
    try folder.write(
      tone(seconds: 1, pitch: 500) + Array(repeating: 0, count: 160) + tone(seconds: 1, pitch: 500)
        + Array(repeating: 0, count: 16_000),
      to: "gaps.wav")
    let audio = try DecodedAudio(
      folder.manifest(["0.wav", "gaps.wav"]), sampleRate: 16_000, scratchFolder: folder.path)
    let silent = try #require(audio.silentSeconds)
    #expect(abs(silent - 1) < 0.001, "\(silent)")
  }
}
