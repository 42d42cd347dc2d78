import Audio
import Foundation
import Pretrain
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

  @Test(arguments: [(49, nil), (51, "code 3 takes 51.0 % of the frames")] as [(Int, String?)])
  func aCodeThatTakesMostFramesIsSaid(share: Int, words: String?) throws {
    var count = LabelQualityCount(
      codebookSizes: [60], rate: LabelRate(sampleRate: 16_000, hop: 320), known: [])
    let codes =
      [Int32](repeating: 3, count: share) + (0..<100 - share).map { Int32(4 + $0) }
    count.add("a.wav", [codes[...]])
    let quality = try #require(count.qualities(store: "labels-0.h5").first)
    #expect(quality.mostFrequentCode == 3)
    #expect(quality.mostFrequentShare == Double(share) / 100)
    #expect((quality.warning == nil) == (words == nil))
    if let words { #expect(quality.warning!.contains(words), "\(quality.warning!)") }
  }
}
