import Kernels
import Tensor
import Testing

/// Philox 4×32-10 against the known answers that Random123 publishes, through its two uses.
@Suite struct PhiloxTests {
  struct Answer: Sendable {
    let counter: [UInt32]
    let key: UInt64
    let words: [UInt32]
  }

  static let answers = [
    Answer(
      counter: [0, 0, 0, 0], key: 0,
      words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    Answer(
      counter: [.max, .max, .max, .max], key: .max,
      words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    Answer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: 0x299f_31d0_a409_3822,
      words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  /// Dropout draws the published words: a word decides like a threshold just below it and just above
  /// it, at the 24 bits that a float probability has.
  @Test(arguments: answers)
  func dropoutDrawsThePublishedWords(answer: Answer) {
    for (i, word) in answer.words.enumerated() {
      let top = Float(word >> 8) / Float(1 << 24)
      #expect(!Self.drops(answer, word: i, probability: top))
      #expect(Self.drops(answer, word: i, probability: top + 1 / Float(1 << 24)))
    }
  }

  /// Word `w` of a run's first block decides its element `16 w`.
  private static func drops(_ answer: Answer, word: Int, probability: Float) -> Bool {
    var y = [Float](repeating: 0, count: 64)
    etude_dropout(
      &y, [Float](repeating: 1, count: 64), Int(answer.counter[0]) * 4, 64, probability, answer.key,
      answer.counter[1], answer.counter[2], answer.counter[3])
    return y[16 * word] == 0
  }

  @Test func theStreamDrawsThePublishedWords() {
    var stream = RandomStream(seed: 0, purpose: .initialisation)
    #expect(stream.next() == 0xe169_c58d_6627_e8d5)
    #expect(stream.next() == 0x9b00_dbd8_bc57_ac4c)
  }

  /// Swift's block function and C's, on the same counters and keys.
  @Test(arguments: [UInt64(0), 1, 0x1234_5678_9abc_def0, .max])
  func bothLanguagesDrawTheSame(seed: UInt64) {
    for (step, sample) in [(0, 0), (7, 3), (1 << 20, 1 << 31)] {
      var stream = RandomStream(seed: seed, purpose: .crop, step: step, sample: sample)
      // 400 draws of two words: 200 blocks, of which 192 fill 12 runs.
      let words = (0..<400).flatMap { _ in
        let both = stream.next()
        return [UInt32(truncatingIfNeeded: both), UInt32(truncatingIfNeeded: both >> 32)]
      }
      var y = [Float](repeating: 0, count: 12 * 64)
      etude_dropout(
        &y, [Float](repeating: 1, count: y.count), 0, y.count, 0.375, seed,
        UInt32(sample), UInt32(step), RandomPurpose.crop.rawValue)
      let expected = y.indices.map { i in
        let (block, word) = (i / 64 * 16 + i % 16, i % 64 / 16)
        return Double(words[4 * block + word]) < 0.375 * 4_294_967_296
      }
      #expect(y.map { $0 == 0 } == expected)
    }
  }
}
