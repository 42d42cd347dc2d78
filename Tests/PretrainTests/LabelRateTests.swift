import Pretrain
import Testing

/// Labels that come at another rate than a model's frames.
@Suite struct LabelRateTests {
  private let codes: [Int32] = Array(0..<9)

  /// By hand: frame `t` of hop `h` begins at sample `t · h`, in label `⌊t · h / hop⌋`.
  @Test(arguments: [
    (160, 320, [0, 2, 4, 6, 8]), (320, 320, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    (240, 320, [0, 1, 2, 4, 5, 6, 8]), (480, 320, [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8]),
  ])
  func everyFrameHasTheCodeThatSoundsAsItBegins(hop: Int, frameHop: Int, expected: [Int32]) {
    let rate = LabelRate(sampleRate: 16_000, hop: hop)
    #expect(rate.aligned(codes, toHop: frameHop) == expected)
    // Any slice counts from its own start.
    #expect(rate.aligned(([9] + codes)[1...], toHop: frameHop) == expected)
    #expect(rate.aligned([Int32](), toHop: frameHop) == [])
  }

  /// MFCC at 100 Hz lack two labels of a file's end where the convolutions lack one frame.
  @Test func aFrameIsTheMeasureOfAMissingEnd() {
    #expect(LabelRate(sampleRate: 16_000, hop: 160).tolerance(toHop: 320) == 2)
    #expect(LabelRate(sampleRate: 16_000, hop: 320).tolerance(toHop: 320) == 1)
    #expect(LabelRate(sampleRate: 24_000, hop: 240).tolerance(toHop: 320) == 2)
    #expect(LabelRate(sampleRate: 24_000, hop: 480).tolerance(toHop: 320) == 1)
  }
}
