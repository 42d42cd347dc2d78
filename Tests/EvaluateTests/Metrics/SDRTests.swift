import Evaluate
import TestSupport
import Testing

@Suite struct SDRTests {
  /// The signal has `1 + 4 + 9 + 4 = 18`, the error `0.04 + 0.01 + 0.09 + 0.04 = 0.18`: a hundredth.
  @Test func isTheRatioOfSumsOverAllChannels() {
    let ratio = SDR.decibels(of: [[1.2, 1.9], [-3.3, 2.2]], reference: [[1, 2], [-3, 2]])
    #expect(isClose([ratio], [20], within: 1e-6))
  }

  /// 1e-7 more above and below: `(0.9e-6 + 1e-7) / 1e-7 = 10`, and its inverse.
  @Test func silenceIsNoDivisionByZero() {
    let quiet: [[Float]] = [[6e-4, 0, 7.348_469e-4]]
    #expect(isClose([SDR.decibels(of: quiet, reference: quiet)], [10], within: 1e-6))
    #expect(isClose([SDR.decibels(of: quiet, reference: [[0, 0, 0]])], [-10], within: 1e-6))
    #expect(SDR.decibels(of: [[0]], reference: [[0]]) == 0)
  }

  /// In Float the sum would stop growing at 16,777,216.
  @Test func longSongsAreSummedInDouble() {
    let ones = [Float](repeating: 1, count: 20_000_000)
    let ratio = SDR.decibels(of: [ones], reference: [ones])
    #expect(isClose([ratio], [10 * 14.301_029_995_663_981], within: 1e-9))
  }

  @Test func aSampleThatIsNaNGivesNaN() {
    #expect(SDR.decibels(of: [[.nan, 1]], reference: [[1, 1]]).isNaN)
  }

  @Test func trapsOnChannelsOfUnlikeLength() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = SDR.decibels(of: [[1], [1, 2]], reference: [[1], [1]])
    }
    expectWords("SDR.decibels: needs channels of the same lengths, got [1, 2] samples", in: result)
  }
}
