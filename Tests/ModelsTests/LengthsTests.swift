import Models
import Tensor
import Testing

/// Frames that are padding are said for each row, and lie in it.
@Suite struct LengthsTests {
  struct Mistake: CustomTestStringConvertible, Codable, Sendable {
    let testDescription: String
    let lengths: [Int]
    let words: String
  }

  @Test(arguments: [
    Mistake(testDescription: "a row without", lengths: [3], words: "lengths: 1 for 2 rows"),
    Mistake(testDescription: "longer", lengths: [3, 20], words: "lengths: [3, 20] of 19 frames"),
    Mistake(testDescription: "negative", lengths: [-1, 3], words: "lengths: [-1, 3] of 19 frames"),
  ])
  func wrongOnesStopTheProcess(mistake: Mistake) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [lengths = mistake.lengths as [Int]] in
      let encoder = try AudioEncoder.random(.tiny)
      _ = encoder.hiddenStates(.ones([2, 205]), lengths: lengths)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(mistake.words), "\(text.prefix(300))")
  }
}
