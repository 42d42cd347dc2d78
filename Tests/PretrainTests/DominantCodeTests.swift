import Pretrain
import Testing

/// A code that takes most frames teaches nothing: it is named.
@Suite struct DominantCodeTests {
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
